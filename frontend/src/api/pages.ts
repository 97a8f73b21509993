/** Lists that come page by page, where a page may be short, or empty, and still not be the last. */

export interface Paged<T> {
  items: T[];
  next: string | undefined;
}

/** One showing asks so often at most; where even that finds little, the reader is let go on by a button. */
const MOST_REQUESTS = 6;

/** Reads on from a cursor until there are enough to show, or no more. */
export async function readOn<T>(cursor: string, enough: number, read: (cursor: string) => Promise<Paged<T>>): Promise<Paged<T>> {
  const items: T[] = [];
  let next: string | undefined = cursor;
  for (let asked = 0; asked < MOST_REQUESTS && next !== undefined && items.length < enough; asked += 1) {
    const page: Paged<T> = await read(next);
    items.push(...page.items);
    next = page.next;
  }
  return { items, next };
}
