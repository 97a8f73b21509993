/** Every page of the shop: in both languages, on a narrow screen, to a keyboard, and to axe. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectAccessible, expectJapanese, expectNarrow } from './expectations.ts';
import { tour } from './tour.ts';
import { expectOrder, openBrowser, visit } from './visitor.ts';

const shop = inject('shop');
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser.close());

describe('every page', () => {
  it('has no serious fault that axe finds, by day', async () => {
    const visitor = await visit(browser);
    await tour(visitor.page, shop, (name) => expectAccessible(visitor.page, name));
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('has none by night either, in Japanese, and fits 360 pixels', async () => {
    const visitor = await visit(browser, { locale: 'ja-JP', colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    await tour(visitor.page, shop, async (name) => {
      await expectNarrow(visitor.page, name);
      await expectAccessible(visitor.page, name);
      await expectJapanese(visitor.page, name);
    });
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });
});

describe('the language', () => {
  it('is the browser’s at first, changes at once, and stays changed', async () => {
    const { page, leave } = await visit(browser, { locale: 'ja-JP' });
    await page.goto(shop);
    await page.getByRole('heading', { name: 'いらっしゃいませ' }).waitFor();
    await page.getByRole('link', { name: /甘酒/ }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Come in' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.reload();
    await page.getByRole('heading', { name: 'Come in' }).waitFor();
    await page.getByRole('button', { name: '日本語' }).click();
    await page.getByRole('heading', { name: 'いらっしゃいませ' }).waitFor();
    await leave();
  });

  it('writes the same amount as its people do', async () => {
    const { page, leave } = await visit(browser);
    await page.goto(`${shop}/products/sencha`);
    await page.locator('.price-large', { hasText: '¥1,080' }).waitFor();
    await page.getByRole('button', { name: '日本語' }).click();
    await page.locator('.price-large', { hasText: '￥1,080' }).waitFor();
    await leave();
  });
});

describe('a keyboard', () => {
  it('is enough to buy', async () => {
    const { page, complaints, leave } = await visit(browser);
    const tabTo = async (what: string) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(what)})`)) return;
      }
      throw new Error(`${what} is not reached by Tab`);
    };
    await page.goto(`${shop}/products/hojicha`);
    await page.locator('.stock .good').waitFor();
    await tabTo('.choice-one input');
    await page.keyboard.press('ArrowDown');
    await page.locator('.price-large', { hasText: '¥540' }).waitFor();
    await page.locator('.stock .good').waitFor();
    await tabTo('.buy .button-main');
    await page.keyboard.press('Enter');
    await page.getByText('In your cart: 1').waitFor();
    await tabTo('.buy .notice a');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/cart$/);
    await page.locator('.line').waitFor();
    await tabTo('.sum .button-main');
    await page.keyboard.press('Enter');
    await page.locator('.choice-one').first().waitFor();
    await tabTo('input[type=email]');
    await page.keyboard.type('guest@example.com');
    await tabTo('select');
    await page.keyboard.type('Tok');
    await page.locator('.button-wide:not([disabled])').waitFor();
    await tabTo('.button-wide');
    await page.keyboard.press('Enter');
    await expectOrder(page, 'confirmed');
    expect(complaints).toEqual([]);
    await leave();
  });

  it('skips the curtain', async () => {
    const { page, leave } = await visit(browser);
    await page.goto(shop);
    await page.locator('.card a').first().waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement?.id')).toBe('main');
    await leave();
  });
});

describe('a shop that does not answer', () => {
  it('says so, and goes on when it does', async () => {
    const { page, leave } = await visit(browser);
    await page.route('**/api/**', (route) => route.abort());
    await page.goto(shop);
    await page.getByText('The shop cannot be reached').first().waitFor();
    await expectAccessible(page, 'home, no answer');
    await page.unroute('**/api/**');
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.locator('.tags a').first().waitFor();
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.locator('.card a').first().waitFor();
    await leave();
  });
});
