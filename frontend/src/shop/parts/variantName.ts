import { type Language, say } from '../../language/language';
import { knownSku } from '../known';

/** What the variant is called; nothing for a product's only one; the SKU where this device has never seen it. */
export function variantName(sku: string, language: Language): string {
  const known = knownSku(sku);
  return known ? say(known.name, language) : sku;
}
