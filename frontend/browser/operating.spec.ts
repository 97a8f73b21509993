/** Running the shop: finding orders, sending many, watching events pass, and mending what is stuck. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectAccessible, expectJapanese, expectNarrow } from './expectations.ts';
import { type Operator, bought, comeIn, operator, unique } from './operator.ts';
import { sendTo } from './queues.ts';
import { type Visitor, openBrowser } from './visitor.ts';

const shop = inject('shop');
const aws = inject('aws');
let browser: Browser;
let runs: Operator;

beforeAll(async () => {
  browser = await openBrowser();
  runs = await operator(browser, shop);
});

afterAll(() => browser.close());

/** Waits until the console's list of orders shows these, as the address narrows it. */
async function listed(page: Page, query: string, ids: readonly string[]): Promise<void> {
  await page.goto(`${shop}/console/?${query}`);
  for (const id of ids) await page.getByRole('checkbox', { name: `Choose order ${id}` }).waitFor();
}

describe('orders', () => {
  it('are found by status, day and text, and sent in bulk with one refused by name', async () => {
    const { id: product } = await runs.offer({ name: 'bulk', price: 400, currency: 'JPY', stock: 9 });
    const ids = [await bought(browser, shop, product), await bought(browser, shop, product)];
    const cancelled = await bought(browser, shop, product);
    await runs.call('POST', `/api/operator/orders/${cancelled}/cancel`, undefined, { 'Idempotency-Key': unique('cancel') });
    const { page, complaints, leave } = await comeIn(browser, shop);
    await listed(page, `text=${product}&status=confirmed`, ids);
    await expect.poll(() => page.getByRole('checkbox', { name: `Choose order ${cancelled}` }).count(), { timeout: 20_000 }).toBe(0);
    await expectAccessible(page, 'console, orders');

    // By the page's own fields: another status, then a day on which nothing was bought.
    await page.getByRole('combobox', { name: 'Order' }).selectOption('cancelled');
    await page.getByRole('checkbox', { name: `Choose order ${cancelled}` }).waitFor();
    expect(await page.getByRole('checkbox', { name: `Choose order ${ids[0]}` }).count()).toBe(0);
    await page.getByLabel('From').fill('2020-01-01');
    await page.getByLabel('To', { exact: true }).fill('2020-01-02');
    await page.getByText('No order fits').waitFor();
    await page.getByRole('button', { name: 'Take the filters away' }).click();
    await page.getByLabel('Order or customer number, article, product').fill(product);
    await page.getByRole('button', { name: 'Search', exact: true }).click();

    for (const id of [...ids, cancelled]) await page.getByRole('checkbox', { name: `Choose order ${id}` }).check();
    await page.getByText('3 orders chosen').waitFor();
    await page.locator('summary', { hasText: 'Send' }).click();
    await page.getByLabel('Carrier').fill('A carrier');
    for (const id of [...ids, cancelled]) await page.getByLabel(`Tracking number for ${id}`).fill(`T-${id.slice(0, 8)}`);
    await page.getByRole('button', { name: 'Send 3 orders' }).click();
    await page.getByText('2 of 3 went well.').waitFor();
    await page.locator('.notice-bad').getByRole('link', { name: cancelled }).waitFor();
    await listed(page, `text=${product}&fulfilment_status=dispatched&payment_status=captured`, ids);
    expect(complaints).toEqual([]);
    await leave();
  });

  it('tell every event with its cause and its delay', async () => {
    const id = await bought(browser, shop);
    const { page, leave } = await comeIn(browser, shop);
    await page.goto(`${shop}/console/orders/${id}`);
    const events = page.getByRole('region', { name: 'Every event' });
    // What inventory said was caused by what orders said before, and took a time that can be told.
    await events.getByRole('row', { name: /StockReserved inventory OrderPlaced [\d.,]+ (ms|sec)/ }).waitFor();
    // The provider's webhook may be the first to tell.
    await events.getByRole('row', { name: /PaymentAuthorized payments (PaymentRequested|a request)/ }).waitFor();
    await expectAccessible(page, 'console, order with its events');
    await leave();
  });
});

describe('the flow', () => {
  it('shows what an order set in motion, by pointer and by keyboard, and leads to the order', async () => {
    const id = await bought(browser, shop);
    const { page, complaints, leave } = await comeIn(browser, shop);
    await page.goto(`${shop}/console/flow`);
    const way = page.locator('[data-way="orders inventory"]');
    await page.locator('[data-figures="orders inventory"]').waitFor();
    await page.locator('[data-figures="payments orders"]').waitFor();
    await expectAccessible(page, 'console, flow');
    await way.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'From orders to inventory' }).waitFor();
    await expectAccessible(page, 'console, flow with a way');
    await page.getByRole('region', { name: 'From orders to inventory' }).getByRole('button', { name: /OrderPlaced/ }).click();
    await page.getByRole('region', { name: 'Recent events' }).getByRole('link', { name: id }).click();
    await page.waitForURL(new RegExp(`/console/orders/${id}`));
    await page.locator('tr[aria-current=true]', { hasText: 'OrderPlaced' }).waitFor();
    // The table says what the map shows.
    await page.goto(`${shop}/console/flow`);
    const table = page.getByRole('region', { name: 'The same as a table' });
    await table.getByRole('button', { name: /PaymentAuthorized to orders/ }).click();
    await page.getByRole('heading', { name: 'From payments to orders' }).waitFor();
    await page.getByRole('region', { name: 'Recent events' }).getByRole('link', { name: id }).waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });
});

/** A dispatch that cannot be booked: its order was cancelled, and the last piece is set aside for another since. */
async function poison(): Promise<{ order: string; sku: string }> {
  const { id, sku } = await runs.offer({ name: 'poison', price: 300, currency: 'JPY', stock: 1 });
  const order = await bought(browser, shop, id);
  await runs.call('POST', `/api/operator/orders/${order}/cancel`, undefined, { 'Idempotency-Key': unique('cancel') });
  await expect.poll(async () => ((await runs.call('GET', `/api/stock/${sku}`)) as { available: number }).available, { timeout: 20_000 }).toBe(1);
  await bought(browser, shop, id);
  const now = new Date().toISOString();
  await sendTo(aws, 'InventoryQueue', {
    specversion: '1.0',
    id: `shipping.${order}.9.0`,
    source: 'noren/shipping',
    type: 'shipping.ShipmentDispatched.v1',
    subject: order,
    time: now,
    datacontenttype: 'application/json',
    dataschema: 'urn:noren:schema:shipping.ShipmentDispatched.v1',
    correlationid: order,
    causationid: 'http:a-parcel-that-left-all-the-same',
    aggregateversion: 9,
    data: { order_id: order, customer_id: 'c-1', parcel: 1, lines: [{ sku, quantity: 1 }], carrier: 'A carrier', tracking_number: 'T-1', complete: true, dispatched_at: now },
  });
  return { order, sku };
}

describe('failed messages', () => {
  it('are seen with their reason, sent again once the cause is mended, or dropped, and all of it is recorded', async () => {
    const { order, sku } = await poison();
    const nonsense = unique('no-event-at-all');
    await sendTo(aws, 'InventoryQueue', nonsense);
    const { page, complaints, leave } = await comeIn(browser, shop);
    await page.goto(`${shop}/console/failed`);
    await page.getByRole('button', { name: 'Given up by inventory' }).click();
    const letters = page.locator('.letters > li');
    const stuck = letters.filter({ hasText: order });
    const senseless = letters.filter({ hasText: nonsense });
    await expect.poll(async () => {
      await page.getByRole('button', { name: 'Look again' }).click();
      return [await stuck.count(), await senseless.count()];
    }, { timeout: 20_000 }).toEqual([1, 1]);
    await stuck.getByText('ShipmentDispatched', { exact: true }).waitFor();
    await stuck.locator('.bad').waitFor();
    await stuck.getByRole('link', { name: order }).waitFor();
    await expectAccessible(page, 'console, failed messages');
    // A look hides messages for a moment, from another look too: what is not there just now is there at the next.
    const choose = (letter: typeof stuck) =>
      expect.poll(async () => {
        const box = letter.getByRole('checkbox');
        if ((await box.count()) === 0) await page.getByRole('button', { name: 'Look again' }).click();
        return box.check({ timeout: 2_000 }).then(() => true, () => false);
      }, { timeout: 20_000 }).toBe(true);

    // Sent again with nothing mended, it fails again, as another message.
    const first = (await stuck.getByRole('checkbox').getAttribute('aria-label')) ?? '';
    await choose(stuck);
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Send again' }).click();
    await page.getByText('1 of 1 went well.').waitFor();
    await expect.poll(async () => {
      await page.getByRole('button', { name: 'Look again' }).click();
      return [await stuck.count(), await letters.getByRole('checkbox', { name: first }).count()];
    }, { timeout: 20_000 }).toEqual([1, 0]);

    // With the piece counted back in, it is done.
    await runs.call('POST', '/api/operator/stock/receive', { receipt_id: unique('found'), lines: [{ sku, quantity: 1 }] });
    await choose(stuck);
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Send again' }).click();
    await page.getByText('1 of 1 went well.').waitFor();
    await expect.poll(async () => ((await runs.call('GET', `/api/stock/${sku}`)) as { available: number }).available, { timeout: 20_000 }).toBe(0);

    // The other is nobody's: dropped, and not without a reason.
    await choose(senseless);
    await page.getByRole('button', { name: 'Drop', exact: true }).click();
    const asked = page.getByRole('alertdialog');
    expect(await asked.getByRole('button', { name: 'Drop' }).isDisabled()).toBe(true);
    await asked.getByLabel('Reason').fill('sent-by-a-test');
    await expectAccessible(page, 'console, asked for a reason');
    await asked.getByRole('button', { name: 'Drop' }).click();
    await expect.poll(() => senseless.count(), { timeout: 20_000 }).toBe(0);
    const record = page.getByRole('region', { name: 'What was done about failed messages' });
    await record.getByRole('row', { name: /dropped .*sent-by-a-test/ }).waitFor();
    await record.getByRole('row', { name: /sent again .*ShipmentDispatched/ }).first().waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });
});

describe('the console’s pages', () => {
  let page: Page;
  let narrow: Visitor;

  beforeAll(async () => {
    await bought(browser, shop);
    narrow = await comeIn(browser, shop, { locale: 'ja-JP', colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    page = narrow.page;
  });

  afterAll(async () => {
    expect(narrow.complaints).toEqual([]);
    await narrow.leave();
  });

  it('show sales by day and by product, mails, what runs low and what came back', async () => {
    const { id, sku } = await runs.offer({ name: 'low', price: 1_000, currency: 'JPY', stock: 3 });
    await runs.call('POST', `/api/operator/stock/${sku}/threshold`, { threshold: 3, location_id: 'main' }, { 'Idempotency-Key': unique('threshold') });
    const order = await bought(browser, shop, id);
    const { page, complaints, leave } = await comeIn(browser, shop);
    await page.goto(`${shop}/console/sales`);
    await page.getByRole('img', { name: 'Revenue in JPY, day by day' }).waitFor();
    await page.getByRole('region', { name: 'By product' }).getByText(sku).waitFor();
    await expectAccessible(page, 'console, sales');
    await page.getByLabel('Show').selectOption('orders');
    await page.getByRole('img', { name: 'Orders, day by day' }).waitFor();
    await page.getByLabel('From').fill('2020-01-01');
    await page.getByText('At most 31 days at a time.').waitFor();

    await page.goto(`${shop}/console/mails`);
    await page.getByRole('row', { name: new RegExp(`Order confirmed sent ${order} g\\*`) }).waitFor();
    await expectAccessible(page, 'console, mails');

    await page.goto(`${shop}/console/stock`);
    const warning = page.getByRole('region', { name: 'Running low' });
    await warning.getByRole('button', { name: sku }).click();
    await page.getByText('available 2').waitFor();
    await expectAccessible(page, 'console, stock with a warning');

    await runs.call('POST', `/api/operator/shipments/${order}/dispatch`, { carrier: 'A carrier', tracking_number: `T-${order.slice(0, 8)}` });
    await runs.call('POST', `/api/operator/shipments/${order}/returns`, { lines: [{ sku, quantity: 1 }], restock: true }, { 'Idempotency-Key': unique('return') });
    await page.goto(`${shop}/console/shipments`);
    await page.getByRole('region', { name: 'Came back lately' }).getByRole('link', { name: order }).waitFor();
    await expectAccessible(page, 'console, shipments');
    expect(complaints).toEqual([]);
    await leave();
  });

  it('show the sales of the shop’s own day, whatever day it is where they are read', async () => {
    const { id, sku } = await runs.offer({ name: 'elsewhere', price: 1_000, currency: 'JPY', stock: 3 });
    await bought(browser, shop, id);
    const { page, complaints, leave } = await comeIn(browser, shop);
    await page.clock.setFixedTime(Date.now() - 2 * 86_400_000);
    await page.goto(`${shop}/console/sales`);
    await page.getByRole('region', { name: 'By product' }).getByText(sku).waitFor();
    await page.getByRole('button', { name: 'Last 31 days' }).click();
    await page.getByRole('region', { name: 'By product' }).getByText(sku).waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });

  it.each<[string, string, string]>([
    ['orders', '', 'tbody a'],
    ['orders, none fits', '?text=zzzzzz', '.empty'],
    ['shipments', 'shipments', 'tbody a'],
    ['stock', 'stock?q=miso', '.wide td'],
    ['sales', 'sales', '.chart'],
    ['sales, none', 'sales?from=2020-01-01&to=2020-01-02', '.empty'],
    ['mails', 'mails', 'tbody a'],
    ['flow', 'flow?edge=orders.OrderPlaced.v1@inventory', '#chosen ~ .wide tbody a'],
    ['failed', 'failed', '.empty, tbody button'],
    ['customers', 'customers', '.empty, tbody a'],
    ['customer, unknown', 'customers/c-nobody', '.empty'],
  ])('work in Japanese, by night, on a narrow screen: %s', async (name, path, there) => {
    await page.goto(`${shop}/console/${path}`);
    await page.locator(there).first().waitFor();
    await expectNarrow(page, name);
    await expectAccessible(page, name);
    await expectJapanese(page, name);
  });

  it('say what to do where the API does not answer', async () => {
    const { page, leave } = await comeIn(browser, shop);
    await page.route('**/api/operator/**', (route) => route.abort());
    for (const path of ['', 'flow', 'failed', 'sales', 'mails', 'customers']) {
      await page.goto(`${shop}/console/${path}`);
      await page.getByText('The shop cannot be reached').first().waitFor();
      await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    }
    await expectAccessible(page, 'console, no answer');
    await leave();
  });
});
