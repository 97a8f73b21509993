/** What template.yaml says of the pages is what the local gateway does: which path is which file, and the security policy. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const template = readFileSync(join(root, 'template.yaml'), 'utf8');
const gateway = readFileSync(join(root, 'local/src/frontend/mod.rs'), 'utf8');

type Router = (event: { request: { uri: string } }) => { uri: string };

/** The CloudFront Function, from the template's text. */
function router(): Router {
  const code = /FunctionCode: \|\n((?: {8}.*\n|\n)+)/.exec(template)?.[1];
  if (!code) throw new Error('template.yaml has no FunctionCode');
  return new Function(`${code}; return handler;`)() as Router;
}

describe('the distribution', () => {
  it.each([
    ['/', '/index.html'],
    ['/index.html', '/index.html'],
    ['/config.json', '/config.json'],
    ['/mark.svg', '/mark.svg'],
    ['/products/apple', '/index.html'],
    ['/products/tea.green', '/index.html'],
    ['/orders/', '/index.html'],
    ['/signed-in', '/index.html'],
    ['/console', '/console/index.html'],
    ['/console/', '/console/index.html'],
    ['/console/orders/o.1', '/console/index.html'],
    ['/consoles', '/index.html'],
  ])('answers %s with %s', (path, file) => {
    expect(router()({ request: { uri: path } }).uri).toBe(file);
  });

  it('has the gateway’s policy of what pages may load', () => {
    const policy = (text: string) =>
      Object.fromEntries(
        text
          .replaceAll(/\\?\s+/g, ' ')
          .split(';')
          .map((directive) => directive.trim().split(' '))
          .map(([name, ...sources]) => [name, sources.filter((source) => !/^\$?\{\w*\}$/.test(source))]),
      );
    const deployed = /default-src (?:(?!\n {14}- SignIn).)*/s.exec(template)?.[0] ?? '';
    const local = /"(default-src [^"]*)"/.exec(gateway)?.[1] ?? '';
    expect(policy(deployed)).toEqual(policy(local));
    expect(Object.keys(policy(local))).toEqual(expect.arrayContaining(['script-src', 'frame-ancestors']));
  });

  it('lets no error page stand in for what the API answers', () => {
    expect(template).not.toContain('CustomErrorResponses');
  });
});
