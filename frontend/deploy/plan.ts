/** What a stack's outputs come to: what the pages are told, and which uploads bring them. Pure. */

import type { Config } from '../src/config.ts';

/** What `aws cloudformation describe-stacks` says of one. */
export interface Stack {
  StackName: string;
  StackStatus: string;
  Outputs?: { OutputKey: string; OutputValue: string }[];
  Parameters?: { ParameterKey: string; ParameterValue?: string }[];
}

export interface Outputs {
  /** The shop's origin. */
  address: string;
  bucket: string;
  issuer: string;
  /** The user pool's client; none where the issuer is the company's own. */
  clientId: string | undefined;
  publishableKey: string;
}

/** A stack that pages cannot be put on yet; says what to do. */
export class Unready extends Error {}

const SCOPES = 'openid profile noren/shop noren/operate';
/** Names under `assets/` change with what they hold. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Kept, and asked about at each use. */
const ASKED_ABOUT = 'no-cache';

/** @throws {Unready} Where something is missing: pages that cannot sign in or take a payment must not look as if they could. */
export function outputsOf(stack: Stack): Outputs {
  const output = (key: string) => stack.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const again = (parameter: string) => `sam deploy --stack-name ${stack.StackName} --parameter-overrides ${parameter}`;
  if (!/^(CREATE|UPDATE)_COMPLETE$|^UPDATE_ROLLBACK_COMPLETE$/.test(stack.StackStatus)) {
    throw new Unready(`${stack.StackName} is ${stack.StackStatus}: wait, or mend it, and try again.`);
  }
  const [address, bucket, issuer] = ['ShopAddress', 'PagesBucketName', 'SignInIssuer'].map(output);
  if (!address || !bucket || !issuer) {
    throw new Unready(`${stack.StackName} has no place for pages. Make one:\n  ${again('Pages=on')}`);
  }
  const told = stack.Parameters?.find(({ ParameterKey }) => ParameterKey === 'ShopUrl')?.ParameterValue;
  if (told !== address) {
    throw new Unready(
      `The shop is at ${address}, and the stack was told ${told ?? 'nothing'}: signing in would lead there. Tell it:\n  ${again(`ShopUrl=${address}`)}`,
    );
  }
  const publishableKey = output('PaymentPublishableKey');
  if (!publishableKey) {
    throw new Unready(`The pages need the payment provider's publishable key. Tell the stack:\n  ${again('PaymentPublishableKey=pk_…')}`);
  }
  return { address, bucket, issuer, clientId: output('SignInClientId'), publishableKey };
}

/** @throws {Unready} With an issuer of the company's own, whose client nobody named. */
export function configOf(outputs: Outputs, givenClientId?: string): Config {
  const client_id = givenClientId ?? outputs.clientId;
  if (!client_id) throw new Unready(`${outputs.issuer} is an issuer of your own: name the pages' client there with --client-id.`);
  const { issuer, publishableKey } = outputs;
  return { issuer, client_id, scopes: SCOPES, payment: { element: 'stripe', publishable_key: publishableKey } };
}

/**
 * The AWS CLI's arguments, in their order: what a page loads is there before the page is. Nothing is deleted, since a page that is
 * open loads more of its own build later.
 */
export function uploads(build: string, settings: string, bucket: string): string[][] {
  const to = `s3://${bucket}`;
  const quiet = '--only-show-errors';
  const pages = ['--exclude', 'assets/*', '--exclude', '.vite/*'];
  return [
    ['s3', 'cp', `${build}/assets`, `${to}/assets`, '--recursive', '--cache-control', FOR_EVER, quiet],
    ['s3', 'cp', settings, `${to}/config.json`, '--content-type', 'application/json', '--cache-control', ASKED_ABOUT, quiet],
    ['s3', 'cp', build, to, '--recursive', ...pages, '--cache-control', ASKED_ABOUT, quiet],
  ];
}
