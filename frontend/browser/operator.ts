/** What a test needs done on the operator's side before a shopper comes, through the API with an operator's own token. */

import type { Browser } from 'playwright-core';
import { type Visitor, checkOut, expectOrder, logIn, putInCart, visit } from './visitor.ts';

export interface Operator {
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<unknown>;
  /** Puts a new product of one variant on sale, with so many of it in stock. */
  offer: (product: { name: string; price: number; currency: string; stock: number }) => Promise<{ id: string; sku: string }>;
}

/** A name that no earlier run has used: a shop that `NOREN_SHOP` names remembers them. */
export function unique(name: string): string {
  return `${name}-${Date.now().toString(36)}`;
}

/** The operator, at the console's first page. */
export async function comeIn(browser: Browser, shop: string, options: Parameters<typeof visit>[1] = {}): Promise<Visitor> {
  const visitor = await visit(browser, options);
  await visitor.page.goto(`${shop}/console/`);
  await visitor.page.locator('.empty .button').click();
  await logIn(visitor.page, 'operator');
  await visitor.page.locator('.console-head nav').waitFor();
  return visitor;
}

/** A guest's confirmed order; its number. */
export async function bought(browser: Browser, shop: string, productId = 'onigiri-ume'): Promise<string> {
  const { page, leave } = await visit(browser);
  await putInCart(page, shop, productId);
  await checkOut(page, shop, '4242', 'guest@example.com');
  await expectOrder(page, 'confirmed');
  const id = page.url().split('/').pop() ?? '';
  await leave();
  return id;
}

export async function operator(browser: Browser, shop: string): Promise<Operator> {
  const { page, leave } = await visit(browser);
  await page.goto(`${shop}/console/`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await logIn(page, 'operator');
  await page.getByRole('heading', { name: 'Orders' }).waitFor();
  const token = (await page.evaluate('JSON.parse(sessionStorage.getItem("noren.session")).accessToken')) as string;
  await leave();

  const call: Operator['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${shop}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as unknown;
  };
  return {
    call,
    async offer({ name, price, currency, stock }) {
      const id = unique(name);
      const sku = id.toUpperCase();
      const row = { product_id: id, category: 'Tea', title: { en: `Test ${id}`, ja: `試験${id}` }, variants: [{ sku, price: { amount_minor: price, currency }, tax_class: 'reduced', weight_grams: 100 }] };
      await call('POST', '/api/operator/products/import', `${JSON.stringify(row)}\n`, { 'Content-Type': 'application/x-ndjson' });
      if (stock > 0) await call('POST', '/api/operator/stock/receive', { receipt_id: `receipt-${id}`, lines: [{ sku, quantity: stock }] });
      return { id, sku };
    },
  };
}
