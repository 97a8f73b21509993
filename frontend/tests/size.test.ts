/**
 * What a first visit loads. Builds the storefront and counts the script of its entry with all that it imports at once, compressed
 * with gzip; a page that is gone to later may load as much again.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MOST_BYTES = 120_000;

interface Chunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
}

const here = join(import.meta.dirname, '..');
let folder: string;
let manifest: Record<string, Chunk>;

beforeAll(() => {
  folder = mkdtempSync(join(here, 'node_modules/.build-'));
  // In a process of its own: the test runner's NODE_ENV would build React for development.
  execFileSync(process.execPath, [join(here, 'node_modules/vite/bin/vite.js'), 'build', '--outDir', folder, '--logLevel', 'error'], {
    cwd: here,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'pipe',
  });
  manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function loaded(name: string, into = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  if (!chunk || into.has(chunk.file)) return into;
  into.add(chunk.file);
  for (const imported of chunk.imports ?? []) loaded(imported, into);
  return into;
}

const size = (files: Iterable<string>) => [...files].reduce((all, file) => all + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);

describe('a first visit', () => {
  it(`loads at most ${MOST_BYTES} bytes of compressed script`, () => {
    const bytes = size(loaded('index.html'));
    console.info(`storefront, first load: ${bytes} bytes of script, gzip`);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(bytes).toBeGreaterThan(40_000);
  });

  it('loads nothing of the console', () => {
    const shop = loaded('index.html');
    const console = manifest['console/index.html']?.file ?? '';
    expect(console).not.toBe('');
    expect(shop.has(console)).toBe(false);
    for (const page of manifest['index.html']?.dynamicImports ?? []) expect(loaded(page).has(console)).toBe(false);
  });

  it('leaves the payment provider’s script to the page that pays', () => {
    for (const file of loaded('index.html')) expect(readFileSync(join(folder, file), 'utf8')).not.toContain('js.stripe.com');
  });
});
