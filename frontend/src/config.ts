/** What this shop is told about itself when it is served: `GET /config.json`, beside the page. */

/** Which element takes the payment method. */
export type PaymentElementConfig =
  | { element: 'stripe'; publishable_key: string }
  /** The local stand-in's: a choice of test cards. */
  | { element: 'stand-in' };

export interface Config {
  issuer: string;
  client_id: string;
  /** Separated by spaces, as the authorization request has them. */
  scopes: string;
  payment: PaymentElementConfig;
}

let asked: Promise<Config> | undefined;

/** Asks once; a failure is forgotten, so that the next call asks again. */
export function loadConfig(): Promise<Config> {
  asked ??= ask().catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

async function ask(): Promise<Config> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`config.json: HTTP ${response.status}`);
  return readConfig(await response.json());
}

/** Throws on anything that is no config: a shop that cannot take payments must not look as if it could. */
export function readConfig(value: unknown): Config {
  const config = value as Partial<Config> | null;
  const texts = [config?.issuer, config?.client_id, config?.scopes];
  const payment = config?.payment;
  const payable =
    payment?.element === 'stand-in' ||
    (payment?.element === 'stripe' && typeof payment.publishable_key === 'string');
  if (!payable || !texts.every((text) => typeof text === 'string')) throw new Error('config.json is not as expected');
  return config as Config;
}
