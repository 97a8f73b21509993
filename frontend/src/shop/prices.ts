import type { Money, Product } from '../api/generated';

/** The lowest of a product's prices, which are all of one currency. */
export function lowestPrice(product: Product): Money | undefined {
  return product.variants.map(({ price }) => price).reduce<Money | undefined>(
    (lowest, price) => (lowest && lowest.amount_minor <= price.amount_minor ? lowest : price),
    undefined,
  );
}

/** Upper ends of price bands, in minor units, none for the last; bands that are as many as the prices deserve. */
export function priceBands(products: readonly Product[]): { currency: string; edges: number[] } | undefined {
  const prices = products.map(lowestPrice).filter((price) => price !== undefined);
  const currency = prices[0]?.currency;
  if (currency === undefined || prices.some((price) => price.currency !== currency)) return undefined;
  const sorted = prices.map((price) => price.amount_minor).sort((a, b) => a - b);
  const edges = [1 / 3, 2 / 3]
    .map((share) => roundUp(sorted[Math.floor(share * (sorted.length - 1))] ?? 0))
    .filter((edge, position, all) => edge > 0 && edge < (sorted.at(-1) ?? 0) && all.indexOf(edge) === position);
  return { currency, edges };
}

/** Up to the next 1, 2 or 5 times a power of ten, so that a band's end is a number that people would say. */
function roundUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

/** Whether a price is in the band: over the edge before it, up to its own. */
export function inBand(price: Money, edges: readonly number[], band: number): boolean {
  const over = edges[band - 1] ?? -1;
  const upTo = edges[band] ?? Number.POSITIVE_INFINITY;
  return price.amount_minor > over && price.amount_minor <= upTo;
}
