import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectAccessible, expectNarrow } from './expectations.ts';
import { type Operator, bought as buy, comeIn as enter, operator, unique } from './operator.ts';
import { checkOut, expectOrder, logIn, openBrowser, putInCart, visit } from './visitor.ts';

const shop = inject('shop');
let browser: Browser;
let runs: Operator;

beforeAll(async () => {
  browser = await openBrowser();
  runs = await operator(browser, shop);
});

afterAll(() => browser.close());

const comeIn = (options?: Parameters<typeof visit>[1]) => enter(browser, shop, options);
const bought = () => buy(browser, shop);

describe('the console', () => {
  it('lets operators in and nobody else', async () => {
    const { page, leave } = await visit(browser);
    await page.goto(`${shop}/console/`);
    await page.getByText('For those who run the shop').waitFor();
    await expectAccessible(page, 'console, door');
    await page.locator('.empty .button').click();
    await logIn(page, 'customer-2');
    await page.getByText('This account may not do that').waitFor();
    await leave();
  });

  it('packs and sends in bulk, then refunds in part and in whole', async () => {
    const ids = [await bought(), await bought()];
    const { page, complaints, leave } = await comeIn();
    for (const id of ids) await page.getByRole('checkbox', { name: `Choose order ${id}` }).check();
    await page.getByText('2 orders chosen').waitFor();
    await page.getByRole('button', { name: 'Note as packed' }).click();
    await page.getByText('2 of 2 went well.').waitFor();
    for (const id of ids) await page.getByRole('checkbox', { name: `Choose order ${id}` }).check();
    await page.locator('summary', { hasText: 'Send' }).click();
    await page.getByLabel('Carrier').fill('A carrier');
    for (const id of ids) await page.getByLabel(`Tracking number for ${id}`).fill(`T-${id.slice(0, 8)}`);
    await page.getByRole('button', { name: 'Send 2 orders' }).click();
    await page.getByText('2 of 2 went well.').waitFor();

    await page.goto(`${shop}/console/orders/${ids[0]}`);
    await page.locator('.axes', { hasText: 'paid' }).waitFor();
    await page.getByRole('button', { name: 'Note as delivered' }).click();
    await page.locator('.axes', { hasText: 'delivered' }).waitFor();
    await page.getByLabel('Refund', { exact: false }).first().fill('100');
    await page.getByRole('button', { name: 'Refund' }).click();
    await page.getByRole('alertdialog').getByText('¥100').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Refund' }).click();
    await page.locator('.axes', { hasText: 'refunded in part' }).waitFor();
    await page.getByRole('button', { name: 'Refund' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Refund' }).click();
    await page.locator('.axes span', { hasText: /^refunded$/ }).waitFor();

    await page.getByText('Receive a return').first().click();
    await page.getByLabel('ONIGIRI-UME').fill('1');
    await page.getByRole('button', { name: 'Receive a return' }).click();
    await page.getByText('ONIGIRI-UME × 1 (back on the shelf)').waitFor();
    await page.locator('.timeline').getByText('Refunded').first().waitFor();
    await expectAccessible(page, 'console, order');
    expect(complaints).toEqual([]);
    await leave();
  });

  it('sees what a guest asks to send back of what has arrived', async () => {
    const guest = await visit(browser);
    await putInCart(guest.page, shop, 'onigiri-ume');
    await guest.page.getByRole('button', { name: 'One more' }).click();
    await guest.page.getByRole('button', { name: 'Put in the cart' }).click();
    await guest.page.getByText('In your cart: 3').waitFor();
    await checkOut(guest.page, shop, '4242', 'guest@example.com');
    await expectOrder(guest.page, 'confirmed');
    const id = guest.page.url().split('/').pop() ?? '';
    expect(await guest.page.getByRole('button', { name: 'Ask to send something back' }).count()).toBe(0);
    await runs.call('POST', `/api/operator/shipments/${id}/dispatch`, { carrier: 'A carrier', tracking_number: `T-${id.slice(0, 8)}` });
    await runs.call('POST', `/api/operator/shipments/${id}/deliver`, {});
    await expect.poll(async () => {
      await guest.page.reload();
      await guest.page.locator('[data-order-status]').waitFor();
      return guest.page.locator('[data-order-status=completed]').count();
    }, { timeout: 20_000 }).toBe(1);
    await guest.page.getByRole('button', { name: 'Ask to send something back' }).click();
    await guest.page.getByLabel(/Pickled plum/).selectOption('2');
    await guest.page.getByLabel('Why').selectOption('damaged');
    await expectAccessible(guest.page, 'order, asking for a return');
    await guest.page.getByRole('button', { name: 'Ask for the return' }).click();
    await guest.page.getByText('Broken or spoilt').waitFor();
    await guest.page.reload();
    await guest.page.getByText('Broken or spoilt').waitFor();
    // One of three is left to ask about.
    await guest.page.getByRole('button', { name: 'Ask to send something back' }).click();
    expect(await guest.page.getByLabel(/Pickled plum/).locator('option').count()).toBe(2);
    expect(guest.complaints).toEqual([]);
    await guest.leave();

    const { page, leave } = await comeIn();
    await page.goto(`${shop}/console/orders/${id}`);
    await page.locator('.notice', { hasText: 'The customer asks to send back' }).getByText('ONIGIRI-UME').waitFor();
    await page.locator('.timeline', { hasText: 'Broken or spoilt' }).waitFor();
    await leave();
  });

  it('cancels a confirmed order', async () => {
    const id = await bought();
    const { page, leave } = await comeIn();
    await page.getByLabel('Open an order by its number').fill(id);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the order' }).click();
    await page.locator('.axes', { hasText: 'Cancelled' }).waitFor();
    await page.locator('.axes', { hasText: 'nothing charged' }).waitFor();
    await leave();
  });

  it('adjusts stock with a reason, and shows the movement', async () => {
    const { id, sku } = await runs.offer({ name: 'console-stock', price: 300, currency: 'JPY', stock: 7 });
    const { page, leave } = await comeIn();
    await page.goto(`${shop}/console/stock?q=${id}&sku=${sku}`);
    await page.getByText('available 7').waitFor();
    await page.getByLabel('Change by').fill('-2');
    await page.getByLabel('Reason').selectOption('damaged');
    await page.getByRole('button', { name: 'Adjust' }).click();
    await page.getByText('available 5').waitFor();
    await page.getByRole('cell', { name: 'damaged' }).waitFor();
    await expectAccessible(page, 'console, stock');
    // More than there is cannot be taken away: refused, and said why.
    await page.getByLabel('Change by').fill('-100');
    await page.getByRole('button', { name: 'Adjust' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByText('available 5').waitFor();
    await leave();
  });

  it('edits a price, and takes a file with wrong rows named', async () => {
    const { id, sku } = await runs.offer({ name: 'console-price', price: 300, currency: 'JPY', stock: 1 });
    const { page, leave } = await comeIn();
    await page.goto(`${shop}/console/products?q=${id}`);
    await page.getByRole('button', { name: `Edit the price of ${sku}` }).click();
    await page.getByRole('textbox', { name: `Edit the price of ${sku}` }).fill('12.5');
    await page.getByText('This is no amount in JPY.').waitFor();
    await page.getByRole('textbox', { name: `Edit the price of ${sku}` }).fill('350');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: '¥350' }).waitFor();
    const good = unique('csv');
    const rows = ['product_id,sku,title_en,title_ja,category,price_minor,currency,tax_class,weight_grams', `${good},${good},Good,良,Tea,100,JPY,reduced,10`, 'csv-bad,CSV-BAD,Bad,悪,Tea,much,JPY,reduced,10', ''];
    await page.setInputFiles('input[type=file]', { name: 'products.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
    await page.getByText('New 1, changed 0, unchanged 0, refused 1.').waitFor();
    await page.getByRole('row', { name: /2 price_minor/ }).waitFor();
    await expectAccessible(page, 'console, products');
    await leave();
  });

  it('says what a category is called, and the shop calls it that', async () => {
    const name = unique('noodles');
    const { page, leave } = await comeIn();
    await page.goto(`${shop}/console/products?q=noodles`);
    await page.getByText('What categories are called').click();
    const noodles = page.getByRole('form', { name: 'Noodles' });
    await noodles.getByLabel('In English').fill(name);
    await noodles.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name }).first().waitFor();
    await expectAccessible(page, 'console, categories');
    await page.goto(shop);
    await page.getByRole('link', { name: new RegExp(name) }).waitFor();
    await page.getByRole('button', { name: '日本語' }).click();
    await page.getByRole('link', { name: /^麺/ }).waitFor();
    await leave();
  });

  it('works in Japanese, by night, on a narrow screen', async () => {
    await bought();
    const { page, complaints, leave } = await comeIn({ locale: 'ja-JP', colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    await page.locator('tbody a').first().waitFor();
    await expectNarrow(page, 'orders');
    await expectAccessible(page, 'console, orders');
    await page.locator('tbody a').first().click();
    await page.locator('.timeline li').first().waitFor();
    await expectNarrow(page, 'order');
    await expectAccessible(page, 'console, order');
    await page.goto(`${shop}/console/stock?q=miso&sku=MISO-SHIN-750`);
    await page.locator('.panel td').first().waitFor();
    await expectNarrow(page, 'stock');
    await expectAccessible(page, 'console, stock');
    await page.goto(`${shop}/console/products?q=miso`);
    await page.locator('.wide td').first().waitFor();
    await expectNarrow(page, 'products');
    await expectAccessible(page, 'console, products');
    expect(complaints).toEqual([]);
    await leave();
  });
});
