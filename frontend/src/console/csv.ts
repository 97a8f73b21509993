/** Tables as text (RFC 4180): cutting an import into requests, and writing an export. */

import type { Product } from '../api/generated';
import { toDecimal } from '../money/money';

/** What one import request may hold, as the API says. */
export const MOST_ROWS = 1000;
export const MOST_BYTES = 1024 * 1024;

export const COLUMNS = ['product_id', 'sku', 'title_en', 'title_ja', 'category', 'price_minor', 'currency', 'tax_class', 'weight_grams'] as const;

export interface Piece {
  /** With the header. */
  text: string;
  /** The number of its first row in the file, from 1. */
  from: number;
  rows: number;
}

/** A record's text as it stands, without the line end; a quoted field may hold line ends of its own. */
export function records(text: string): string[] {
  const found: string[] = [];
  let begin = 0;
  let quoted = false;
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (character === undefined || (character === '\n' && !quoted)) {
      const record = text.slice(begin, at).replace(/\r$/, '');
      if (record !== '') found.push(record);
      begin = at + 1;
    }
  }
  return found;
}

/** The first field of a record. */
export function firstField(record: string): string {
  if (!record.startsWith('"')) return record.split(',', 1)[0] ?? '';
  return (/^"((?:[^"]|"")*)"/.exec(record)?.[1] ?? '').replaceAll('""', '"');
}

/** Cuts a file into pieces that one request takes each. Rows of one product that follow one another stay together. */
export function pieces(text: string, mostRows = MOST_ROWS, mostBytes = MOST_BYTES): Piece[] {
  const [header, ...rows] = records(text.replace(/^\uFEFF/, ''));
  if (header === undefined || rows.length === 0) return [];
  const bytes = (record: string) => new TextEncoder().encode(record).length + 1;
  const cut: Piece[] = [];
  let held: string[] = [];
  let size = bytes(header);
  let from = 1;
  const close = () => {
    if (held.length === 0) return;
    cut.push({ text: [header, ...held, ''].join('\n'), from, rows: held.length });
    from += held.length;
    held = [];
    size = bytes(header);
  };
  for (let at = 0; at < rows.length; ) {
    const product = firstField(rows[at] ?? '');
    let end = at + 1;
    while (end < rows.length && firstField(rows[end] ?? '') === product) end += 1;
    const group = rows.slice(at, end);
    const groupSize = group.reduce((all, row) => all + bytes(row), 0);
    if (held.length > 0 && (held.length + group.length > mostRows || size + groupSize > mostBytes)) close();
    held.push(...group);
    size += groupSize;
    at = end;
  }
  close();
  return cut;
}

function field(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Products in the columns that an import reads. */
export function writeCsv(products: readonly Product[]): string {
  const rows = products.flatMap((product) =>
    product.variants.map((variant) =>
      [
        product.product_id,
        variant.sku,
        product.title.en ?? '',
        product.title.ja ?? '',
        product.category,
        String(variant.price.amount_minor),
        variant.price.currency,
        variant.tax_class,
        String(variant.weight_grams),
      ]
        .map(field)
        .join(','),
    ),
  );
  return `${[COLUMNS.join(','), ...rows].join('\n')}\n`;
}

/** An amount for an input field. */
export function editable(product: Product, sku: string): string {
  const price = product.variants.find((variant) => variant.sku === sku)?.price;
  return price ? toDecimal(price) : '';
}
