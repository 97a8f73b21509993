/**
 * Takes every page for a person's eyes, from the real stack, in both languages, wide and narrow, by day and night, into `looks/`,
 * which is no part of the repository: `npm run look [NAME ...]`, where `shop` is all of the storefront.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Operator, bought, comeIn, operator, unique } from './operator.ts';
import { sendTo } from './queues.ts';
import { startStack } from './stack.ts';
import { tour } from './tour.ts';
import { openBrowser, visit } from './visitor.ts';

const folder = join(import.meta.dirname, '../looks');

const SIGHTS = [
  { name: 'en', locale: 'en-US', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'ja', locale: 'ja-JP', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'ja-narrow', locale: 'ja-JP', colorScheme: 'light', viewport: { width: 360, height: 740 } },
] as const;

/** Name, address beneath the console, and what is there once the page is. */
const CONSOLE = (order: string, sku: string, customer: string): [string, string, string][] => [
  ['orders', '', 'tbody a'],
  ['orders-none', '?text=zzzzzz', '.empty'],
  ['order', `orders/${order}`, '[aria-labelledby=events] tbody tr'],
  ['shipments', 'shipments', 'main tbody a, .empty'],
  ['stock', `stock?q=low&sku=${sku}`, '.panel td'],
  ['products', 'products?q=miso', '.wide td'],
  ['sales', 'sales', '.chart'],
  ['sales-none', 'sales?from=2020-01-01&to=2020-01-02', '.empty'],
  ['mails', 'mails', 'tbody a'],
  ['flow', 'flow', '.flow-rate'],
  ['flow-way', 'flow?edge=orders.OrderPlaced.v1@inventory', '#chosen ~ .wide tbody a'],
  ['failed', 'failed?queue=InventoryDeadLetters', '.letters li'],
  ['customers', 'customers', '.empty, tbody a'],
  ['customer', `customers/${customer}`, '.facts, .empty'],
  ['customer-unknown', 'customers/c-nobody', '.empty'],
];

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Something for each page to show; the order, the SKU that runs low and the customer that the pages are about. */
async function prepare(runs: Operator, aws: string, buy: (product: string) => Promise<string>): Promise<[string, string, string]> {
  const { id, sku } = await runs.offer({ name: 'low', price: 1_200, currency: 'JPY', stock: 4 });
  await runs.call('POST', `/api/operator/stock/${sku}/threshold`, { threshold: 4, location_id: 'main' }, { 'Idempotency-Key': unique('threshold') });
  const order = await buy(id);
  for (const product of ['sencha', 'yokan', 'matcha']) await buy(product);
  await sendTo(aws, 'InventoryQueue', 'no event at all');
  await sendTo(aws, 'InventoryQueue', { specversion: '1.0', id: 'strange.1.0', source: 'noren/orders', type: 'orders.OrderLost.v1', subject: order, time: new Date().toISOString(), data: {} });
  const { orders } = (await runs.call('GET', `/api/operator/insights/orders?text=${order}`)) as { orders: { customer_id?: string }[] };
  return [order, sku, orders[0]?.customer_id ?? ''];
}

const wanted = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const { origin: shop, aws, stop } = await startStack();
const browser = await openBrowser();
try {
  const [order, sku, customer] = await prepare(await operator(browser, shop), aws, (product) => bought(browser, shop, product));
  for (const { name: sight, ...options } of SIGHTS) {
    const { page, leave } = await comeIn(browser, shop, options);
    for (const [name, path, there] of CONSOLE(order, sku, customer)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await page.goto(`${shop}/console/${path}`);
      await page.locator(there).first().waitFor();
      await take(page, `${sight}-${name}`);
    }
    await leave();
    if (wanted.length === 0 || wanted.includes('shop')) {
      const visitor = await visit(browser, options);
      await tour(visitor.page, shop, (name) => take(visitor.page, `${sight}-shop-${name.replaceAll(/\W+/g, '-')}`));
      await visitor.leave();
    }
    if (wanted.length > 0 && !wanted.includes('account')) continue;
    const guest = await visit(browser, options);
    await guest.page.goto(`${shop}/account`);
    await guest.page.locator('.empty').waitFor();
    await take(guest.page, `${sight}-account-nobody`);
    await guest.page.goto(`${shop}/products/sencha`);
    await guest.page.locator('.stock .good').waitFor();
    await guest.page.locator('.buy .button-main').click();
    await guest.page.locator('.buy .notice-good').waitFor();
    await guest.page.goto(`${shop}/account`);
    await guest.page.locator('[aria-labelledby=addresses] > .button').click();
    await guest.page.locator('form.panel').waitFor();
    await take(guest.page, `${sight}-account`);
    await guest.leave();
  }
} finally {
  await browser.close();
  await stop();
}
