/**
 * The shop that the browser visits: the real stack, `noren`, on ports of its own and with its state in a directory that goes with it.
 * `NOREN_SHOP` and `NOREN_AWS` name one that runs already; `NOREN_BINARY` another program than the debug build.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The storefront's origin, without a slash at its end. */
    shop: string;
    /** Where the stack answers what AWS would. */
    aws: string;
  }
}

const root = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 90_000;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.NOREN_SHOP;
  if (running) {
    project.provide('shop', running.replace(/\/$/, ''));
    project.provide('aws', (process.env.NOREN_AWS ?? 'http://127.0.0.1:4566').replace(/\/$/, ''));
    return () => Promise.resolve();
  }
  const { origin, aws, stop } = await startStack();
  project.provide('shop', origin);
  project.provide('aws', aws);
  return stop;
}

/** Where a stack answers. */
interface Running {
  origin: string;
  aws: string;
}

/** Starts a stack with the sample shop; where it is, and how to end it. */
export async function startStack(): Promise<Running & { stop: () => Promise<void> }> {
  const binary = process.env.NOREN_BINARY ?? join(root, 'target/debug/noren');
  if (!existsSync(binary)) throw new Error(`${binary} is not there: cargo build -p noren`);
  if (!existsSync(join(root, 'frontend/dist/index.html'))) throw new Error('frontend/dist is not there: npm run build');
  const data = mkdtempSync(join(tmpdir(), 'noren-browser-'));
  const free = ['--port', '--aws-port', '--payments-port', '--mail-port', '--identity-port'].flatMap((port) => [port, '0']);
  const stack = spawn(binary, ['--template', join(root, 'template.yaml'), '--data-dir', data, ...free], { stdio: ['ignore', 'pipe', 'pipe'] });
  const running = await ready(stack);
  return {
    ...running,
    async stop() {
      const ended = new Promise((resolve) => stack.once('exit', resolve));
      stack.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function ready(stack: ChildProcess): Promise<Running> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`noren did not come up: ${said}`)), READY_WITHIN_MS);
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const origin = /HTTP API\s+(http:\S+)/.exec(said)?.[1];
      const aws = /AWS endpoint\s+(http:\S+)/.exec(said)?.[1];
      if (origin && aws && /Data\s/.test(said)) {
        clearTimeout(late);
        resolve({ origin, aws });
      }
    };
    stack.stdout?.on('data', hear);
    stack.stderr?.on('data', hear);
    stack.once('exit', (code) => reject(new Error(`noren ended with ${code}: ${said}`)));
  });
}
