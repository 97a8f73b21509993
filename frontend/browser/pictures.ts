/**
 * Takes the pictures that the documents show, from the real stack: `npm run pictures [NAME ...]`, all of them if none is named.
 * What they show is the sample shop and an order that was really placed.
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startStack } from './stack.ts';
import { type Visitor, checkOut, expectOrder, logIn, openBrowser, putInCart, visit } from './visitor.ts';

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
      const order = await buy(browser, shop);
      const operator = await visit(browser, { viewport: { width: 1280, height: 1000 } });
      await enter(operator.page, `${shop}/console/orders/${order}`);
      await operator.page.locator('.timeline li').nth(3).waitFor();
      return operator;
    },
  },
];

/** A guest's confirmed order; its number. */
async function buy(browser: Browser, shop: string): Promise<string> {
  const { page, leave } = await visit(browser, { viewport });
  await putInCart(page, shop, 'yokan');
  await checkOut(page, shop, '4242', 'guest@example.com');
  await expectOrder(page, 'confirmed');
  const order = page.url().split('/').pop() ?? '';
  await leave();
  return order;
}

/** Opens a page of the console as the operator. */
async function enter(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator('.empty .button').click();
  await logIn(page, 'operator');
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
