import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatNumber, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { CardsLoading, Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { categoriesQuery, shelfQuery } from '../catalog';
import { useCategoryName } from '../categories';
import { ProductCard } from '../parts/ProductCard';
import { SearchField } from '../parts/SearchField';

export function Home() {
  return (
    <Page title={m.home_title()} lead={<p className="lead">{m.home_lead()}</p>}>
      <SearchField />
      <section aria-labelledby="categories">
        <h2 id="categories">{m.home_categories()}</h2>
        <Categories />
      </section>
      <section aria-labelledby="shelf">
        <h2 id="shelf">{m.home_shelf()}</h2>
        <Shelf />
        <p>
          <Link to="/search">{m.home_all()}</Link>
        </p>
      </section>
    </Page>
  );
}

function Categories() {
  const categoryName = useCategoryName();
  const language = useLanguage();
  const { data, error, isPending, refetch } = useQuery(categoriesQuery);
  if (isPending) return <Loading />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data.categories.length === 0) return <Empty title={m.home_nothing()}>{m.home_nothing_advice()}</Empty>;
  return (
    <ul className="tags">
      {data.categories.map(({ name, products }) => (
        <li key={name}>
          <Link to={`/search?category=${encodeURIComponent(name)}`}>
            <span>{categoryName(name)}</span>
            <small>{formatNumber(products, language)}</small>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Shelf() {
  const { data, error, isPending, refetch } = useQuery(shelfQuery);
  if (isPending) return <CardsLoading count={8} />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <ul className="cards">
      {data.map((product) => (
        <ProductCard key={product.product_id} product={product} />
      ))}
    </ul>
  );
}
