/** `npm run deploy`, run as it is run, with an `aws` and an `npm` that write down what they are asked. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Stack } from '../deploy/plan';

const READY: Stack = {
  StackName: 'noren',
  StackStatus: 'UPDATE_COMPLETE',
  Outputs: Object.entries({
    ShopAddress: 'https://d111111abcdef8.cloudfront.net',
    PagesBucketName: 'noren-pagesbucket-1abc',
    SignInIssuer: 'https://cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_AbCdEfGhI',
    SignInClientId: '1h57kf5cpq17m0eml12EXAMPLE',
    PaymentPublishableKey: 'pk_test_1234',
  }).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
  Parameters: [{ ParameterKey: 'ShopUrl', ParameterValue: 'https://d111111abcdef8.cloudfront.net' }],
};

const without = (key: string): Stack => ({ ...READY, Outputs: READY.Outputs?.filter((output) => output.OutputKey !== key) });

let folder: string;
const log = () => join(folder, 'log');

/** Answers with the stack, fails where the test says so, and keeps the settings that it is to upload. */
const STAND_IN = `#!/bin/sh
printf '%s' "$(basename "$0")" >> "$STAND_IN_FOLDER/log"
for word in "$@"; do printf '\\t%s' "$word" >> "$STAND_IN_FOLDER/log"; done
echo >> "$STAND_IN_FOLDER/log"
case "$*" in
  "$STAND_IN_REFUSES"*) echo 'refused by the stand-in' >&2; exit 254 ;;
  cloudformation*) cat "$STAND_IN_FOLDER/stack.json" ;;
  *config.json*) cp "$3" "$STAND_IN_FOLDER/uploaded.json" ;;
esac
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'noren-deploy-test-'));
  for (const program of ['aws', 'npm']) writeFileSync(join(folder, program), STAND_IN, { mode: 0o755 });
});
beforeEach(() => rmSync(log(), { force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function deploy(stack: Stack, args: string[] = [], refuses = 'nothing') {
  writeFileSync(join(folder, 'stack.json'), JSON.stringify({ Stacks: [stack] }));
  const run = spawnSync(process.execPath, [join(import.meta.dirname, '../deploy/deploy.ts'), '--stack', 'noren', ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, STAND_IN_FOLDER: folder, STAND_IN_REFUSES: refuses },
  });
  const asked = readFileSync(log(), 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));
  return { ...run, asked };
}

describe('npm run deploy', () => {
  it('builds, then uploads what a page loads before the page', () => {
    const { status, asked, stdout } = deploy(READY, ['--region', 'ap-northeast-1']);
    expect(status).toBe(0);
    expect(asked[0]).toEqual(
      expect.arrayContaining(['aws', 'cloudformation', 'describe-stacks', '--stack-name', 'noren', '--region', 'ap-northeast-1']),
    );
    expect(asked[1]).toEqual(['npm', 'run', '--silent', 'build']);
    const [assets, settings, pages] = asked.slice(2);
    expect(asked).toHaveLength(5);
    expect(assets?.[4]).toBe('s3://noren-pagesbucket-1abc/assets');
    expect(assets).toEqual(expect.arrayContaining(['--recursive', '--cache-control', 'public, max-age=31536000, immutable']));
    expect(settings?.[4]).toBe('s3://noren-pagesbucket-1abc/config.json');
    expect(pages?.[4]).toBe('s3://noren-pagesbucket-1abc');
    for (const kept of [settings, pages]) expect(kept).toEqual(expect.arrayContaining(['--cache-control', 'no-cache']));
    expect(pages).toEqual(expect.arrayContaining(['--exclude', 'assets/*', '.vite/*']));
    for (const upload of [assets, settings, pages]) expect(upload?.slice(-2)).toEqual(['--region', 'ap-northeast-1']);
    expect(stdout).toContain('https://d111111abcdef8.cloudfront.net');
  });

  it('tells the pages what the stack is', () => {
    deploy(READY);
    expect(JSON.parse(readFileSync(join(folder, 'uploaded.json'), 'utf8'))).toEqual({
      issuer: 'https://cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_AbCdEfGhI',
      client_id: '1h57kf5cpq17m0eml12EXAMPLE',
      scopes: 'openid profile noren/shop noren/operate',
      payment: { element: 'stripe', publishable_key: 'pk_test_1234' },
    });
  });

  it('only prints what it would do when that is wished', () => {
    const { status, asked, stdout } = deploy(READY, ['--dry-run']);
    expect(status).toBe(0);
    expect(asked).toHaveLength(1);
    expect(stdout.match(/^aws s3 cp .*$/gm)).toHaveLength(3);
    expect(stdout).toContain('"publishable_key": "pk_test_1234"');
  });

  it.each([
    ['without a place for pages', without('PagesBucketName'), 'Pages=on'],
    ['that does not know its address', { ...READY, Parameters: [] }, 'ShopUrl=https://d111111abcdef8.cloudfront.net'],
    ['that cannot take payments', without('PaymentPublishableKey'), 'PaymentPublishableKey=pk_'],
    ['whose client nobody named', without('SignInClientId'), '--client-id'],
    ['that is being changed', { ...READY, StackStatus: 'UPDATE_IN_PROGRESS' }, 'UPDATE_IN_PROGRESS'],
  ])('uploads nothing to a stack %s, and says what to do', (_, stack, says) => {
    const { status, asked, stderr } = deploy(stack);
    expect(status).toBe(1);
    expect(asked).toHaveLength(1);
    expect(stderr).toContain(says);
  });

  it('takes the client of an issuer that is not the stack’s', () => {
    expect(deploy(without('SignInClientId'), ['--client-id', 'ours']).status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'uploaded.json'), 'utf8'))).toMatchObject({ client_id: 'ours' });
  });

  it('stops at the first thing that fails: no page without what it loads', () => {
    const { status, asked } = deploy(READY, [], 's3 cp');
    expect(status).toBe(1);
    expect(asked).toHaveLength(3);
  });
});
