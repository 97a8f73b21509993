/** The generated client is what the committed API description gives. `npm run client` makes it anew. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const here = join(import.meta.dirname, '..');

function files(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

it('is generated from the API description as it stands', () => {
  // Beside the committed one, so that what it imports resolves in the same way.
  const folder = mkdtempSync(join(here, 'node_modules/.client-'));
  try {
    execFileSync(process.execPath, [join(here, 'node_modules/.bin/openapi-ts'), '--silent', '--output', folder], { cwd: here, stdio: 'pipe' });
    const fresh = files(folder);
    const committed = files(join(here, 'src/api/generated'));
    expect(Object.keys(committed).sort()).toEqual(Object.keys(fresh).sort());
    for (const [path, text] of Object.entries(fresh)) expect(committed[path] === text, `${path} is stale: npm run client`).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
