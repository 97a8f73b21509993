/**
 * Takes the pictures that the documents show, from the real stack: `npm run pictures [NAME ...]`, all of them if none is named.
 * What they show is the sample shop and an order that was really placed.
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { type Operator, bought, comeIn, operator, unique } from './operator.ts';
import { startStack } from './stack.ts';
import { type Visitor, openBrowser, visit } from './visitor.ts';

const folder = join(import.meta.dirname, '../../docs/pictures');
const viewport = { width: 1120, height: 760 };
/** A document with pictures is cloned and opened by people on trains. */
const MOST_BYTES = 200_000;

interface Picture {
  name: string;
  /** Brings a page to where the picture is taken. */
  bring: (browser: Browser, shop: string) => Promise<Visitor>;
}

const PICTURES: readonly Picture[] = [
  {
    name: 'storefront',
    async bring(browser, shop) {
      const shopper = await visit(browser, { viewport });
      await shopper.page.goto(shop);
      await shopper.page.locator('.card a').first().waitFor();
      await shopper.page.locator('.tags a').first().waitFor();
      return shopper;
    },
  },
  {
    name: 'console',
    async bring(browser, shop) {
      const order = await bought(browser, shop, 'yokan');
      const operator = await comeIn(browser, shop, { viewport: { width: 1280, height: 1000 } });
      await operator.page.goto(`${shop}/console/orders/${order}`);
      await operator.page.locator('.timeline li').nth(3).waitFor();
      return operator;
    },
  },
  {
    name: 'flow',
    async bring(browser, shop) {
      await busyDay(browser, shop);
      const operator = await comeIn(browser, shop, { viewport: { width: 1120, height: 1180 } });
      await operator.page.goto(`${shop}/console/flow`);
      await operator.page.locator('[data-figures="shipping payments"]').waitFor();
      await operator.page.locator('[data-figures="payments notifications"]').waitFor();
      return operator;
    },
  },
];

/** Orders that are sent, cancelled and refunded, so that something passes on most ways. */
async function busyDay(browser: Browser, shop: string): Promise<void> {
  const runs = await operator(browser, shop);
  const key = () => ({ 'Idempotency-Key': unique('picture') });
  const products = ['yokan', 'sencha', 'matcha', 'hojicha', 'onigiri-ume', 'soba-dried'];
  for (const [position, product] of products.entries()) {
    const order = await bought(browser, shop, product);
    if (position === 0) await runs.call('POST', `/api/operator/orders/${order}/cancel`, undefined, key());
    if (position < 2) continue;
    await runs.call('POST', `/api/operator/shipments/${order}/dispatch`, { carrier: 'A carrier', tracking_number: `T-${order.slice(0, 8)}` });
    await runs.call('POST', `/api/operator/shipments/${order}/deliver`, {});
    if (position === 2) await refundWhenPaid(runs, order, key());
  }
}

/** The money is taken a moment after the parcel has left. */
async function refundWhenPaid(runs: Operator, order: string, key: Record<string, string>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { status } = (await runs.call('GET', `/api/operator/payments/${order}`)) as { status: string };
    if (status === 'captured') {
      await runs.call('POST', `/api/operator/payments/${order}/refund`, {}, key);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${order} was not paid`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PICTURES.some((picture) => picture.name === name));
if (unknown.length > 0) throw new Error(`no picture is called ${unknown.join(', ')}; there are ${PICTURES.map(({ name }) => name).join(', ')}`);

mkdirSync(folder, { recursive: true });
const running = process.env.NOREN_SHOP;
const { origin: shop, stop } = running ? { origin: running, stop: () => Promise.resolve() } : await startStack();
const browser = await openBrowser();
try {
  for (const { name, bring } of PICTURES) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const path = join(folder, `${name}.png`);
    const { page, leave } = await bring(browser, shop);
    await page.screenshot({ path });
    await leave();
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes; ${MOST_BYTES} are the most`);
    console.log(`${path}: ${size} bytes`);
  }
} finally {
  await browser.close();
  await stop();
}
