/**
 * Puts the pages where a deployed stack serves them: `npm run deploy -- --stack NAME`. Asks the stack what it is, builds, writes
 * `config.json`, and uploads by the AWS CLI, which has the credentials. Owns no setting: all that the pages are told are the
 * stack's outputs.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configOf, outputsOf, type Stack, Unready, uploads } from './plan.ts';

const USAGE = `npm run deploy -- --stack NAME [--region REGION] [--client-id ID] [--dry-run]

  --stack      the stack that \`sam deploy\` made
  --region     its region; without it the AWS CLI's own choice
  --client-id  with an issuer of your own: the id of the pages' client there
  --dry-run    asks the stack, and prints what it would run`;

const frontend = join(import.meta.dirname, '..');

function main(): number {
  const { values } = parseArgs({
    options: {
      stack: { type: 'string' },
      region: { type: 'string' },
      'client-id': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || !values.stack) {
    (values.help ? console.log : console.error)(USAGE);
    return values.help ? 0 : 2;
  }
  const region = values.region ? ['--region', values.region] : [];
  const outputs = outputsOf(describe(values.stack, region));
  const config = `${JSON.stringify(configOf(outputs, values['client-id']), null, 2)}\n`;

  const folder = mkdtempSync(join(tmpdir(), 'noren-pages-'));
  try {
    const settings = join(folder, 'config.json');
    writeFileSync(settings, config);
    const build = ['npm', 'run', '--silent', 'build'];
    const uploading = uploads(join(frontend, 'dist'), settings, outputs.bucket).map((upload) => ['aws', ...upload, ...region]);
    for (const command of [build, ...uploading]) {
      console.log(command.map(quoted).join(' '));
      if (!values['dry-run']) run(command);
    }
    if (values['dry-run']) console.log(`\nconfig.json:\n${config}`);
    else console.log(`\nThe shop is at ${outputs.address}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return 0;
}

function describe(stack: string, region: string[]): Stack {
  const asked = ['cloudformation', 'describe-stacks', '--stack-name', stack, '--output', 'json', ...region];
  const answer = execFileSync('aws', asked, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return (JSON.parse(answer) as { Stacks: [Stack] }).Stacks[0];
}

function run([program = '', ...rest]: string[]): void {
  execFileSync(program, rest, { cwd: frontend, stdio: 'inherit' });
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

try {
  process.exitCode = main();
} catch (error) {
  // A command that failed has said why itself.
  console.error(error instanceof Unready ? error.message : String(error));
  process.exitCode = 1;
}
