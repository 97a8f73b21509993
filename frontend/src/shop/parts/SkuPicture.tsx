import { ProductPicture } from '../../pictures/ProductPicture';
import { useSku } from '../sku';

/** The picture of a product of which only a SKU and a title are at hand. */
export function SkuPicture({ sku, title }: { sku: string; title?: Record<string, string> }) {
  const known = useSku(sku);
  return <ProductPicture title={title ?? known?.title ?? { en: sku }} category={known?.category ?? ''} />;
}
