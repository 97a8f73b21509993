/** What the catalog shows, and how much of it there is. */

import { queryOptions } from '@tanstack/react-query';
import { body } from '../api/client';
import { type Product, listCategories, listProducts, showAvailability, showProduct } from '../api/generated';
import { rememberProduct } from './known';

const PAGE = 100;
/** A search reads on up to this many products; facets count among these. */
export const MOST_FOUND = 300;

export const categoriesQuery = queryOptions({
  queryKey: ['categories'],
  queryFn: () => body(listCategories()),
  staleTime: 60_000,
});

export interface Found {
  products: Product[];
  /** Whether there are more than were read. */
  more: boolean;
}

export const searchQuery = (q: string, category: string) =>
  queryOptions({
    queryKey: ['search', q, category],
    queryFn: async (): Promise<Found> => {
      const products: Product[] = [];
      let cursor: string | undefined;
      do {
        const page = await body(
          listProducts({ query: { limit: PAGE, ...(q && { q }), ...(category && { category }), ...(cursor && { cursor }) } }),
        );
        products.push(...page.products);
        cursor = page.next ?? undefined;
      } while (cursor && products.length < MOST_FOUND);
      return { products, more: cursor !== undefined };
    },
    staleTime: 60_000,
  });

/** A few products to show at the door. */
export const shelfQuery = queryOptions({
  queryKey: ['shelf'],
  queryFn: async () => (await body(listProducts({ query: { limit: 12 } }))).products,
  staleTime: 60_000,
});

export const productQuery = (productId: string) =>
  queryOptions({
    queryKey: ['product', productId],
    queryFn: async () => {
      const product = await body(showProduct({ path: { product_id: productId } }));
      rememberProduct(product);
      return product;
    },
  });

export const stockQuery = (sku: string) =>
  queryOptions({
    queryKey: ['stock', sku],
    queryFn: async () => (await body(showAvailability({ path: { sku } }))).available,
    staleTime: 5_000,
  });
