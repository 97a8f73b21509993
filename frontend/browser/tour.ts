/** A way through all pages of the shop, with an order placed and confirmed on it. */

import type { Page } from 'playwright-core';
import { expectOrder } from './visitor.ts';

/** Goes through all pages; tells of each once it is there. */
export async function tour(page: Page, shop: string, tell: (name: string) => Promise<void>): Promise<void> {
  await page.goto(shop);
  await page.locator('.card a').first().waitFor();
  await page.locator('.tags a').first().waitFor();
  await tell('home');
  await page.goto(`${shop}/search`);
  await page.locator('.card a').first().waitFor();
  await tell('search');
  await page.goto(`${shop}/search?q=zzzz`);
  await page.locator('.empty').waitFor();
  await tell('search, nothing found');
  await page.goto(`${shop}/cart`);
  await page.locator('.empty').waitFor();
  await tell('cart, empty');
  await page.goto(`${shop}/products/soba-dried`);
  await page.locator('.stock .good').waitFor();
  await page.locator('.buy .button-main').click();
  await page.locator('.buy .notice-good').waitFor();
  await tell('product');
  await page.goto(`${shop}/products/none-such`);
  await page.locator('.empty').waitFor();
  await tell('product, unknown');
  await page.goto(`${shop}/cart`);
  await page.locator('.line').waitFor();
  await tell('cart');
  await page.goto(`${shop}/checkout`);
  await page.locator('input[type=email]').fill('guest@example.com');
  await page.locator('select').selectOption('JP-13');
  await page.locator('.choice-one', { hasText: '3220' }).click();
  await page.locator('.button-wide:not([disabled])').waitFor();
  await tell('checkout');
  await page.locator('.button-wide').click();
  await page.locator('.notice a.button-main').waitFor();
  await tell('order, to be confirmed');
  await page.locator('.notice a.button-main').click();
  await page.locator('form[action$="/succeed"] button').click();
  await expectOrder(page, 'confirmed');
  await tell('order, confirmed');
  await page.locator('section.row .button').click();
  await page.locator('.modal').waitFor();
  await tell('order, asked whether to cancel');
  await page.keyboard.press('Escape');
  await page.goto(`${shop}/orders`);
  await page.locator('.orders a').waitFor();
  await tell('orders');
  await page.goto(`${shop}/orders/none-such`);
  await page.locator('.notice-bad').waitFor();
  await tell('order, unknown');
  await page.goto(`${shop}/nowhere`);
  await page.locator('.empty').waitFor();
  await tell('no such page');
}
