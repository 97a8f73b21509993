/** What a SKU is called: as this device remembers it, and otherwise as the catalog says. */

import { queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { body } from '../api/client';
import { showProductOfSku } from '../api/generated';
import { ApiProblem } from '../api/problem';
import { type KnownSku, knownSku, rememberProduct } from './known';

const skuQuery = (sku: string) =>
  queryOptions({
    queryKey: ['sku', sku],
    queryFn: async (): Promise<KnownSku | null> => {
      try {
        const product = await body(showProductOfSku({ path: { sku } }));
        rememberProduct(product);
        const { product_id, title, category, variants } = product;
        return { product_id, title, category, name: variants.find((variant) => variant.sku === sku)?.name };
      } catch (error) {
        // What the catalog has never sold has no name there either.
        if (error instanceof ApiProblem && error.status === 404) return null;
        throw error;
      }
    },
    // A cart's lines leave a title only; the variant's name and the category come with the product.
    initialData: () => {
      const known = knownSku(sku);
      return known?.category ? known : undefined;
    },
    placeholderData: () => knownSku(sku),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export function useSku(sku: string): KnownSku | undefined {
  return useQuery(skuQuery(sku)).data ?? undefined;
}

/** The same of several, in their order. */
export function useSkus(skus: readonly string[]): (KnownSku | undefined)[] {
  return useQueries({ queries: skus.map(skuQuery) }).map(({ data }) => data ?? undefined);
}
