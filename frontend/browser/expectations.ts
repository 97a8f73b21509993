/** What every page must be: without a serious fault to axe, no wider than its window, and in the reader's language. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/**
 * Fails where axe finds a serious or critical fault in the page as it stands. Left out is the component kit's announcer, out of
 * sight: for seconds after a page is left, it still names a button that went with it.
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  await page.evaluate(axe);
  const violations = (await page.evaluate('axe.run({ exclude: ["[data-live-announcer]"] }, { resultTypes: ["violations"] }).then((found) => found.violations)')) as Violation[];
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target, failureSummary }) => [target, failureSummary]) }));
  expect({ page: name, serious }).toEqual({ page: name, serious: [] });
}

/** Fails where the page is wider than the window, so that it would have to be scrolled sideways. */
export async function expectNarrow(page: Page, name: string): Promise<void> {
  const [content, room] = (await page.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]')) as [number, number];
  expect([name, content]).toEqual([name, room]);
}

/** Fails where a page is not in Japanese, or has an English sentence outside of what is marked as English. */
export async function expectJapanese(page: Page, name: string): Promise<void> {
  const [language, text] = (await page.evaluate(`(() => {
    const copy = document.body.cloneNode(true);
    for (const english of copy.querySelectorAll('[lang=en], code, pre, script, noscript')) english.remove();
    return [document.documentElement.lang, copy.textContent];
  })()`)) as [string, string];
  expect([name, language, text.match(/[A-Za-z]+ [a-z]+ [a-z]+/g) ?? []]).toEqual([name, 'ja', []]);
}
