import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Operator, operator } from './operator.ts';
import { type Visitor, checkOut, chooseCard, expectOrder, logIn, openBrowser, putInCart, visit } from './visitor.ts';

const shop = inject('shop');
let browser: Browser;
let runs: Operator;
beforeAll(async () => {
  browser = await openBrowser();
  runs = await operator(browser, shop);
});

afterAll(() => browser.close());

/** A visitor of whom the page must have had nothing to complain when the test is over. */
async function withVisitor(doing: (visitor: Visitor) => Promise<void>): Promise<void> {
  const visitor = await visit(browser);
  await doing(visitor);
  expect(visitor.complaints).toEqual([]);
  await visitor.leave();
}

describe('buying', () => {
  it('as a guest: from the shelf to a confirmed order that follows by itself', () =>
    withVisitor(async ({ page }) => {
      await page.goto(shop);
      await page.getByLabel('What are you looking for?').fill('miso');
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await page.getByRole('link', { name: /Shinshu miso/ }).click();
      await page.getByRole('button', { name: 'One more' }).click();
      await page.getByRole('button', { name: 'Put in the cart' }).click();
      await page.getByRole('link', { name: 'To the cart' }).click();
      expect(await page.getByRole('textbox', { name: 'Quantity of Shinshu miso' }).inputValue()).toBe('2');
      await page.getByRole('link', { name: 'To the checkout' }).click();
      await page.getByLabel('E-mail').fill('guest@example.com');
      await page.getByLabel('Prefecture').selectOption('JP-13');
      await chooseCard(page, '4242');
      await page.getByRole('button', { name: 'Buy', exact: true }).click();
      await expectOrder(page, 'confirmed');
      expect(await page.locator('.amounts').innerText()).toMatch(/¥1,196[\s\S]*¥660|¥1,196[\s\S]*¥880/);
      // The guest finds it again on this device, after a reload too.
      await page.reload();
      await expectOrder(page, 'confirmed');
      await page.goto(`${shop}/orders`);
      await page.getByText('Shinshu miso').waitFor();
      await page.goto(`${shop}/cart`);
      await page.getByText('Your cart is empty').waitFor();
    }));

  it('what was put in stays in, although a look into the cart begun before is answered after', () =>
    withVisitor(async ({ page }) => {
      const looked = Promise.withResolvers<void>();
      const putIn = Promise.withResolvers<void>();
      await page.route('**/api/guest/cart/lines/*', async (route) => {
        await looked.promise;
        await route.continue();
      });
      await page.route('**/api/guest/cart', async (route) => {
        const response = await route.fetch();
        looked.resolve();
        await putIn.promise;
        await route.fulfill({ response });
      });
      // Who becomes a guest by this has their new cart looked into at once.
      await putInCart(page, shop, 'miso-shinshu');
      const answered = page.waitForEvent('requestfinished', (request) => request.url() === `${shop}/api/guest/cart`);
      putIn.resolve();
      await answered;
      await page.getByRole('link', { name: 'To the cart' }).click();
      await page.getByRole('link', { name: 'To the checkout' }).waitFor();
    }));

  it('signed in: the guest’s cart comes along, and the order is in the account’s history', () =>
    withVisitor(async ({ page }) => {
      await putInCart(page, shop, 'sencha');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await logIn(page, 'customer');
      await page.waitForURL(/\/products\/sencha$/);
      await page.getByText('customer', { exact: true }).waitFor();
      await page.goto(`${shop}/cart`);
      await page.getByRole('link', { name: 'Sencha' }).waitFor();
      await checkOut(page, shop, '0505');
      await expectOrder(page, 'confirmed');
      const id = page.url().split('/').pop() ?? '';
      await page.goto(`${shop}/orders`);
      await page.locator(`a[href="/orders/${id}"]`).waitFor();
      // A device that has never seen the product calls it by its name all the same.
      await withVisitor(async ({ page: other }) => {
        await other.goto(`${shop}/orders`);
        await other.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
        await logIn(other, 'customer');
        await other.locator(`a[href="/orders/${id}"]`, { hasText: 'Sencha' }).click();
        await other.locator('.line').getByRole('link', { name: 'Sencha' }).waitFor();
      });
      await page.getByRole('button', { name: 'Sign out' }).click();
      // By way of the issuer, who ends its own session too.
      await page.waitForURL(`${shop}/`);
      await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).waitFor();
      // Nobody else sees it: a guest is told what is told of an order that never was.
      await page.goto(`${shop}/orders/${id}`);
      await page.getByText('There is no such order here').waitFor();
    }));

  it('with a card that asks for confirmation', () =>
    withVisitor(async ({ page }) => {
      await putInCart(page, shop, 'yokan');
      await checkOut(page, shop, '3220', 'guest@example.com');
      await page.getByRole('link', { name: 'Confirm the payment' }).click();
      await page.locator('form[action$="/succeed"] button').click();
      // The bank sends the shopper back to the order.
      await page.waitForURL(/\/orders\/[^/]+$/);
      await expectOrder(page, 'confirmed');
    }));

  it('with a card that is declined, then with another', () =>
    withVisitor(async ({ page }) => {
      await putInCart(page, shop, 'dorayaki');
      await checkOut(page, shop, '0002', 'guest@example.com');
      await expectOrder(page, 'cancelled');
      await page.getByText('The card was declined.').waitFor();
      await page.getByRole('button', { name: 'Pay with another card' }).click();
      await page.waitForURL(/\/checkout$/);
      await page.getByLabel('E-mail').fill('guest@example.com');
      await chooseCard(page, '4242');
      await page.getByRole('button', { name: 'Buy', exact: true }).click();
      await page.waitForURL(/\/orders\/[^/]+$/);
      await expectOrder(page, 'confirmed');
    }));

  it('the last one, sold to someone else meanwhile', async () => {
    const { id } = await runs.offer({ name: 'last-one', price: 500, currency: 'JPY', stock: 1 });
    await withVisitor(async ({ page: slow }) => {
      await putInCart(slow, shop, id);
      await slow.goto(`${shop}/checkout`);
      await slow.getByLabel('E-mail').fill('slow@example.com');
      await slow.getByLabel('Prefecture').selectOption('JP-13');
      await slow.getByRole('button', { name: 'Buy', exact: true, disabled: false }).waitFor();
      await withVisitor(async ({ page: quick }) => {
        await putInCart(quick, shop, id);
        await checkOut(quick, shop, '4242', 'quick@example.com');
        await expectOrder(quick, 'confirmed');
      });
      await slow.getByRole('button', { name: 'Buy', exact: true }).click();
      await slow.waitForURL(/\/orders\/[^/]+$/);
      await expectOrder(slow, 'cancelled');
      await slow.getByText('Somebody else bought the last of it. Nothing is charged.').waitFor();
      // Whoever tries again is told before paying.
      await slow.getByRole('button', { name: 'Put it in the cart again' }).click();
      await slow.waitForURL(/\/cart$/);
      await slow.getByText('There is less of it than your cart holds').waitFor();
      expect(await slow.getByRole('link', { name: 'To the checkout' }).count()).toBe(0);
      await slow.goto(`${shop}/checkout`);
      await slow.getByText('There is less of it than your cart holds').waitFor();
      expect(await slow.getByRole('button', { name: 'Buy', exact: true }).isDisabled()).toBe(true);
      await slow.goto(`${shop}/products/${id}`);
      await slow.getByText('Sold out for now').waitFor();
    });
  });

  it('more than there is: the cart says how many there are, and takes those', async () => {
    const { id } = await runs.offer({ name: 'few', price: 200, currency: 'JPY', stock: 3 });
    await withVisitor(async ({ page }) => {
      await putInCart(page, shop, id);
      await page.goto(`${shop}/cart`);
      const quantity = page.getByRole('textbox', { name: /Quantity of Test few/ });
      await quantity.fill('5');
      await quantity.press('Tab');
      await page.getByText('There is less of it than your cart holds').waitFor();
      await page.getByRole('button', { name: 'Take 3' }).click();
      await page.getByRole('link', { name: 'To the checkout' }).waitFor();
      expect(await quantity.inputValue()).toBe('3');
    });
  });

  it('and cancelling it again', () =>
    withVisitor(async ({ page }) => {
      await putInCart(page, shop, 'matcha');
      await checkOut(page, shop, '4242', 'guest@example.com');
      await expectOrder(page, 'confirmed');
      await page.getByRole('button', { name: 'Cancel the order' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the order' }).click();
      await expectOrder(page, 'cancelled');
      await page.getByText('You cancelled it. Nothing is charged.').waitFor();
    }));

  it('in dollars: cents are right to the last', async () => {
    const { id } = await runs.offer({ name: 'dollar-tea', price: 1999, currency: 'USD', stock: 5 });
    await withVisitor(async ({ page }) => {
      await putInCart(page, shop, id);
      await page.getByRole('button', { name: 'One more' }).click();
      await page.getByRole('button', { name: 'Put in the cart' }).click();
      await page.getByText('In your cart: 3').waitFor();
      await page.goto(`${shop}/cart`);
      await page.locator('.sum-total', { hasText: '$59.97' }).waitFor();
      await page.goto(`${shop}/checkout`);
      // No rate serves it: said in plain words, before anything is bought.
      await page.getByLabel('State').selectOption('US-CA');
      await page.getByText('We cannot send it there').waitFor();
      expect(await page.getByRole('button', { name: 'Buy', exact: true }).isDisabled()).toBe(true);
    });
  });
});
