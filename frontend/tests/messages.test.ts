/** Every text is there in both languages, takes the same values in both, and is used. */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Messages = Record<string, unknown>;
const read = (language: string) => JSON.parse(readFileSync(join(import.meta.dirname, `../messages/${language}.json`), 'utf8')) as Messages;
const en = read('en');
const ja = read('ja');

function texts(message: unknown): string[] {
  if (typeof message === 'string') return [message];
  return (message as { match: Record<string, string> }[]).flatMap(({ match }) => Object.values(match));
}

const values = (message: unknown) => [...new Set(texts(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)))].sort();

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'paraglide' && name !== 'generated')
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sources(path) : readFileSync(path, 'utf8');
    })
    .join('\n');
}

describe('messages', () => {
  it('are the same ones in both languages', () => {
    expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
  });

  it('take the same values', () => {
    for (const key of Object.keys(en)) expect([key, values(ja[key])]).toEqual([key, values(en[key])]);
  });

  it('are translated: no text is empty, and none in Japanese is the English one', () => {
    for (const key of Object.keys(en)) {
      for (const text of [...texts(en[key]), ...texts(ja[key])]) expect(text.trim(), key).not.toBe('');
      expect(texts(ja[key]), key).not.toEqual(texts(en[key]));
      expect(texts(ja[key]).join(''), `${key} in Japanese`).toMatch(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}{]/u);
    }
  });

  it('are all used, and nothing else is', () => {
    const used = new Set([...sources(join(import.meta.dirname, '../src')).matchAll(/\bm\.(\w+)\(/g)].map(([, key]) => key));
    expect([...used].sort()).toEqual(Object.keys(en).sort());
  });

  it('are the only texts: no component writes Japanese or an English sentence of its own', () => {
    const components = readdirSync(join(import.meta.dirname, '../src'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tsx'));
    for (const path of components) {
      const code = readFileSync(join(import.meta.dirname, '../src', path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      // A sentence between tags: a capital, then words. Names of things in code have no blanks between tags.
      expect([path, code.match(/>\s*[A-Z][a-z]+( [a-z]+)+[^<{]*</)]).toEqual([path, null]);
    }
  });
});
