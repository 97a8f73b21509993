/**
 * Takes the pictures that the documents show, from the real stack: `npm run pictures [folder]`. What they show is the sample shop and
 * an order that was really placed.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startStack } from './stack.ts';
import { checkOut, expectOrder, logIn, openBrowser, putInCart, visit } from './visitor.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../pictures');
mkdirSync(folder, { recursive: true });

const running = process.env.NOREN_SHOP;
const { origin: shop, stop } = running ? { origin: running, stop: () => Promise.resolve() } : await startStack();
const browser = await openBrowser();
try {
  const shopper = await visit(browser, { viewport: { width: 1200, height: 860 } });
  await shopper.page.goto(shop);
  await shopper.page.locator('.card a').first().waitFor();
  await shopper.page.locator('.tags a').first().waitFor();
  await shopper.page.screenshot({ path: join(folder, 'storefront.png') });
  await putInCart(shopper.page, shop, 'yokan');
  await checkOut(shopper.page, shop, '4242', 'guest@example.com');
  await expectOrder(shopper.page, 'confirmed');
  const order = shopper.page.url().split('/').pop() ?? '';

  const operator = await visit(browser, { viewport: { width: 1200, height: 860 } });
  await operator.page.goto(`${shop}/console/orders/${order}`);
  await operator.page.locator('.empty .button').click();
  await logIn(operator.page, 'operator');
  await operator.page.locator('.timeline li').nth(3).waitFor();
  await operator.page.screenshot({ path: join(folder, 'console.png') });
} finally {
  await browser.close();
  await stop();
}
