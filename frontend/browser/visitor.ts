/** A browser and who sits before it. Chromium is the system's own; nothing is downloaded. */

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Longest that anything a visitor waits for may take. */
const PATIENCE_MS = 20_000;

export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? CHROMIUM.find((path) => existsSync(path));
  if (!executablePath) throw new Error('there is no Chromium here: apt-get install chromium');
  // Chromium's sandbox refuses to run as root, which a build machine is.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

export interface Visitor {
  page: Page;
  /** What the page complained of: uncaught errors, refused scripts and styles. */
  complaints: string[];
  leave: () => Promise<void>;
}

export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is the page's to show; a refused script or style is a fault.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return { page, complaints, leave: () => context.close() };
}

/** Signs in on the issuer's page, which the visitor has been sent to. */
export async function logIn(page: Page, account: string): Promise<void> {
  await page.locator('input[name=username]').fill(account);
  await page.locator('input[name=password]').fill(account);
  await page.locator('form button').click();
}

/** Puts a product's chosen variant into the cart. */
export async function putInCart(page: Page, shop: string, productId: string): Promise<void> {
  await page.goto(`${shop}/products/${productId}`);
  await page.getByRole('button', { name: 'Put in the cart' }).click();
  await page.getByText('In your cart:').waitFor();
}

/** From the cart to the order's page, paying with the test card of these last digits. */
export async function checkOut(page: Page, shop: string, card: string, email?: string): Promise<void> {
  await page.goto(`${shop}/checkout`);
  if (email) await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Prefecture').selectOption('JP-13');
  await chooseCard(page, card);
  await page.getByRole('button', { name: 'Buy', exact: true }).click();
  await page.waitForURL(/\/orders\/[^/]+$/);
}

export async function chooseCard(page: Page, card: string): Promise<void> {
  // The radio itself is out of sight; its row is what a person presses.
  await page.locator('.choice-one', { hasText: card }).click();
}

export async function expectOrder(page: Page, status: string): Promise<void> {
  await page.locator(`[data-order-status=${status}]`).waitFor();
}
