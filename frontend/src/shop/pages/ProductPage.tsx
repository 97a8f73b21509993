import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { Link, useParams } from 'react-router';
import type { Product, TaxClass } from '../../api/generated';
import { formatNumber, say, useLanguage } from '../../language/language';
import { Amount } from '../../page/Amount';
import { Choice } from '../../page/Choice';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { QuantityField } from '../../page/QuantityField';
import { Empty, Loading } from '../../page/states';
import { ApiProblem } from '../../api/problem';
import { m } from '../../paraglide/messages';
import { ProductPicture } from '../../pictures/ProductPicture';
import { useCart, useSetLine } from '../cart';
import { productQuery, stockQuery } from '../catalog';
import { useCategoryName } from '../categories';

/** The cart takes at most so many of one SKU. */
const MOST = 999;
/** From here on down a shopper is told how many are left. */
const FEW = 10;

export default function ProductPage() {
  const { productId = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery(productQuery(productId));
  if (isPending) return <Loading />;
  if (error instanceof ApiProblem && error.status === 404) {
    return (
      <Page title={m.product_unknown()}>
        <Empty title={m.product_unknown_advice()}>
          <Link to="/search">{m.search_show_all()}</Link>
        </Empty>
      </Page>
    );
  }
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return <Shown key={data.product_id} product={data} />;
}

function Shown({ product }: { product: Product }) {
  const categoryName = useCategoryName();
  const language = useLanguage();
  const stocks = useQueries({ queries: product.variants.map(({ sku }) => stockQuery(sku)) });
  const available = (sku: string) => stocks[product.variants.findIndex((variant) => variant.sku === sku)]?.data;
  // What can be bought is chosen first, until the shopper chooses.
  const firstInStock = product.variants.find(({ sku }) => (available(sku) ?? 1) > 0) ?? product.variants[0];
  const [chosen, setChosen] = useState<string>();
  const variant = product.variants.find(({ sku }) => sku === chosen) ?? firstInStock;
  const title = say(product.title, language);

  return (
    <Page
      title={title}
      lead={
        <p>
          <Link to={`/search?category=${encodeURIComponent(product.category)}`}>{categoryName(product.category)}</Link>
        </p>
      }
    >
      <div className="product">
        <ProductPicture title={product.title} category={product.category} />
        <div>
          {product.description && <p className="lead">{say(product.description, language)}</p>}
          {variant ? (
            <>
              {product.variants.length > 1 && (
                <Choice
                  label={m.product_variant()}
                  value={variant.sku}
                  onChange={setChosen}
                  choices={product.variants.map(({ sku, name, price }) => ({
                    id: sku,
                    content: (
                      <>
                        <span>{say(name, language) || sku}</span>
                        <Amount money={price} />
                        {available(sku) === 0 && <small className="bad">{m.stock_none()}</small>}
                      </>
                    ),
                  }))}
                />
              )}
              {product.variants.length === 1 && variant.name && <p>{say(variant.name, language)}</p>}
              <p className="price-large">
                <Amount money={variant.price} /> <small>{taxNote(variant.tax_class)}</small>
              </p>
              <Buy key={variant.sku} sku={variant.sku} title={title} onSale={product.status === 'published'} available={available(variant.sku)} />
              <dl className="facts">
                <div>
                  <dt>{m.product_weight()}</dt>
                  <dd>{weight(variant.weight_grams, language)}</dd>
                </div>
                <div>
                  <dt>{m.product_sku()}</dt>
                  <dd>
                    <code>{variant.sku}</code>
                  </dd>
                </div>
              </dl>
            </>
          ) : (
            <p>{m.product_retired()}</p>
          )}
        </div>
      </div>
    </Page>
  );
}

interface BuyProps {
  sku: string;
  title: string;
  onSale: boolean;
  /** Undefined while it is not known. */
  available: number | undefined;
}

function Buy({ sku, title, onSale, available }: BuyProps) {
  const language = useLanguage();
  const [quantity, setQuantity] = useState(1);
  const cart = useCart();
  const setLine = useSetLine();
  const inCart = cart.data?.lines.find((line) => line.sku === sku)?.quantity ?? 0;
  const left = Math.min(MOST, available ?? MOST) - inCart;
  if (!onSale) return <p className="notice">{m.product_retired()}</p>;
  return (
    <div className="buy">
      <p className="stock" role="status">
        {available === undefined ? (
          m.stock_unknown()
        ) : available === 0 ? (
          <span className="bad">{m.stock_none_now()}</span>
        ) : available <= FEW ? (
          <span className="few">{m.stock_few({ count: available })}</span>
        ) : (
          <span className="good">{m.stock_some()}</span>
        )}
      </p>
      {available !== 0 && (
        <div className="row">
          <QuantityField label={m.quantity_of({ title })} value={Math.min(quantity, Math.max(left, 1))} max={Math.max(left, 1)} isDisabled={left < 1} onChange={setQuantity} />
          <Button
            className="button button-main"
            isDisabled={left < 1 || cart.isPending}
            isPending={setLine.isPending}
            onPress={() => setLine.mutate({ sku, quantity: inCart + Math.min(quantity, left) })}
          >
            {m.product_to_cart()}
          </Button>
        </div>
      )}
      {left < 1 && available !== 0 && <p>{m.product_all_in_cart()}</p>}
      <div role="status">
        {setLine.isSuccess && (
          <p className="notice notice-good">
            {m.product_in_cart({ count: formatNumber(inCart, language) })} <Link to="/cart">{m.product_go_to_cart()}</Link>
          </p>
        )}
      </div>
      {setLine.error && <Failure error={setLine.error} />}
    </div>
  );
}

function taxNote(taxClass: TaxClass): string {
  switch (taxClass) {
    case 'standard':
      return m.tax_standard();
    case 'reduced':
      return m.tax_reduced();
    case 'exempt':
      return m.tax_exempt();
  }
}

function weight(grams: number, language: string): string {
  const kilograms = grams >= 1000;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: kilograms ? 'kilogram' : 'gram',
    maximumFractionDigits: 2,
  }).format(kilograms ? grams / 1000 : grams);
}
