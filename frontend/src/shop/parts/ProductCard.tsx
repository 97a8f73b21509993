import { Link } from 'react-router';
import type { Product } from '../../api/generated';
import { say, useLanguage } from '../../language/language';
import { Amount } from '../../page/Amount';
import { m } from '../../paraglide/messages';
import { ProductPicture } from '../../pictures/ProductPicture';
import { lowestPrice } from '../prices';

export function ProductCard({ product }: { product: Product }) {
  const language = useLanguage();
  const lowest = lowestPrice(product);
  const several = product.variants.length > 1;
  return (
    <li className="card">
      <Link to={`/products/${encodeURIComponent(product.product_id)}`}>
        <ProductPicture title={product.title} category={product.category} />
        <span className="card-title">{say(product.title, language)}</span>
        {lowest && (
          <span className="card-price">
            <Amount money={lowest} />
            {several && <small> {m.price_from()}</small>}
          </span>
        )}
      </Link>
    </li>
  );
}
