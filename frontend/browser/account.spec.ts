/** What a shopper sees of what is kept of them, changes, and has erased; and what an operator sees of it. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectAccessible, expectJapanese, expectNarrow } from './expectations.ts';
import { comeIn, unique } from './operator.ts';
import { checkOut, expectOrder, logIn, openBrowser, putInCart, visit } from './visitor.ts';

const shop = inject('shop');
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser.close());

describe('the account', () => {
  it('keeps a name, addresses and a consent, each of which can be changed', async () => {
    const street = unique('Chiyoda 1-1');
    const { page, complaints, leave } = await visit(browser);
    await page.goto(`${shop}/account`);
    await page.getByText('The shop keeps nothing of you').waitFor();
    await expectAccessible(page, 'account, nobody');
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await logIn(page, 'customer');
    await page.waitForURL(/\/account$/);
    await page.getByLabel('Name', { exact: true }).fill('Hanako Yamada');
    await page.getByLabel('Telephone').first().fill('03-1234-5678');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue(), { timeout: 20_000 }).toBe('Hanako Yamada');

    await page.getByRole('button', { name: 'Add an address' }).click();
    await page.getByLabel('Name at the door').fill('Hanako Yamada');
    await page.getByLabel('Postal code').fill('１００－０００１');
    await page.getByLabel('Prefecture or state').selectOption('JP-13');
    await page.getByLabel('City').fill('Chiyoda');
    await page.getByLabel('Street and number').fill(street);
    await expectAccessible(page, 'account, writing an address');
    await page.getByRole('form', { name: 'Add an address' }).getByRole('button', { name: 'Save' }).click();
    const kept = page.locator('.addresses > li', { hasText: street });
    await kept.getByText('Chiyoda, Tokyo 100-0001').waitFor();
    await kept.getByRole('button', { name: /^Change/ }).click();
    const moved = unique('Chiyoda 2-2');
    await page.getByLabel('Street and number').fill(moved);
    await page.getByRole('form', { name: 'Change' }).getByRole('button', { name: 'Save' }).click();
    const now = page.locator('.addresses > li', { hasText: moved });
    await now.waitFor();
    expect(await kept.count()).toBe(0);

    // Ticked once the shop has kept it, which `check` does not wait for.
    await page.getByRole('checkbox', { name: /Write to me/ }).click();
    await page.getByText('You said so on').waitFor();
    await page.reload();
    await page.getByText('You said so on').waitFor();
    expect(await page.getByRole('checkbox', { name: /Write to me/ }).isChecked()).toBe(true);
    await expectAccessible(page, 'account');

    await now.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => now.count(), { timeout: 20_000 }).toBe(0);
    expect(complaints).toEqual([]);
    await leave();
  });

  it('is erased by its owner, on the shop’s side and on the device; the operator sees that it was', async () => {
    const { page, complaints, leave } = await visit(browser);
    await putInCart(page, shop, 'sencha');
    await checkOut(page, shop, '4242', 'erase-me@example.com');
    await expectOrder(page, 'confirmed');
    const order = page.url().split('/').pop() ?? '';
    const profile = page.waitForResponse(/customers\/me$/);
    await page.goto(`${shop}/account`);
    const { customer_id: customer } = (await (await profile).json()) as { customer_id: string };
    await page.getByLabel('Name', { exact: true }).fill('Kanaria Keshite');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();

    const { page: console, leave: leaveConsole } = await comeIn(browser, shop);
    await console.getByLabel('Open an order by its number').waitFor();
    await console.goto(`${shop}/console/customers/${customer}`);
    await console.getByText('Kanaria Keshite').waitFor();
    await expectAccessible(console, 'console, customer');

    await page.getByRole('button', { name: 'Erase my data' }).click();
    const asked = page.getByRole('alertdialog');
    expect(await asked.getByRole('button', { name: 'Erase my data' }).isDisabled()).toBe(true);
    await asked.getByRole('checkbox').check();
    await expectAccessible(page, 'account, asked whether to erase');
    await asked.getByRole('button', { name: 'Erase my data' }).click();
    await page.getByText('Your data is erased').waitFor();
    await expectAccessible(page, 'account, erased');
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(order);

    await console.reload();
    await console.getByText('This customer was erased').waitFor();
    await console.getByText('the customer did it').waitFor();
    expect(await console.getByText('Kanaria Keshite').count()).toBe(0);
    await expectAccessible(console, 'console, customer erased');
    await leaveConsole();
    expect(complaints).toEqual([]);
    await leave();
  });

  it('is erased by an operator only with its number typed', async () => {
    const guest = await visit(browser);
    await putInCart(guest.page, shop, 'sencha');
    await guest.page.goto(`${shop}/account`);
    await guest.page.getByLabel('Name', { exact: true }).fill('Erased by operator');
    await guest.page.getByRole('button', { name: 'Save' }).click();
    await guest.page.getByText('Saved.').waitFor();
    const { page, leave } = await comeIn(browser, shop);
    await page.getByRole('link', { name: 'Customers' }).click();
    const first = page.getByRole('region', { name: 'Customers' }).getByRole('link', { name: /^guest-/ }).last();
    await first.waitFor();
    const id = (await first.innerText()).trim();
    await expectAccessible(page, 'console, customers');
    await first.click();
    await page.getByText('Erased by operator').waitFor();
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    const asked = page.getByRole('alertdialog');
    expect(await asked.getByRole('button', { name: 'Erase' }).isDisabled()).toBe(true);
    await asked.getByRole('textbox').fill(id);
    await asked.getByRole('button', { name: 'Erase' }).click();
    await page.getByText('This customer was erased').waitFor();
    // The shopper is told on coming back.
    await guest.page.reload();
    await guest.page.getByText('Your data is erased').waitFor();
    await guest.leave();
    await leave();
  });

  it('works in Japanese, by night, on a narrow screen', async () => {
    const { page, complaints, leave } = await visit(browser, { locale: 'ja-JP', colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    await page.goto(`${shop}/account`);
    await page.locator('.empty').waitFor();
    await expectNarrow(page, 'account, nobody');
    await page.goto(`${shop}/products/sencha`);
    await page.locator('.stock .good').waitFor();
    await page.locator('.buy .button-main').click();
    await page.locator('.buy .notice-good').waitFor();
    await page.goto(`${shop}/account`);
    await page.locator('[aria-labelledby=addresses] > .button').click();
    await page.locator('form.panel').waitFor();
    await expectNarrow(page, 'account');
    await expectAccessible(page, 'account');
    await expectJapanese(page, 'account');
    expect(complaints).toEqual([]);
    await leave();
  });
});
