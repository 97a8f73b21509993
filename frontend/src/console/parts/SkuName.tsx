import { say, useLanguage } from '../../language/language';
import { useSku } from '../../shop/sku';

/** What a SKU is called, and the SKU itself, which is what stands on the shelf. */
export function SkuName({ sku }: { sku: string }) {
  const known = useSku(sku);
  const language = useLanguage();
  const title = [say(known?.title, language), say(known?.name, language)].filter(Boolean).join(' · ');
  return (
    <span>
      {title && `${title} `}
      <code>{sku}</code>
    </span>
  );
}
