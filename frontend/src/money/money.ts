/**
 * Amounts in integer minor units, written and read without ever becoming a fraction: a yen has no minor unit, a dollar has a
 * hundred, and `Intl` knows which (ISO 4217).
 */

import type { Money } from '../api/generated';

const formats = new Map<string, Intl.NumberFormat>();

function format(locale: string, currency: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, { style: 'currency', currency });
  formats.set(key, made);
  return made;
}

/** How many digits of the currency stand behind the point: 0 for JPY, 2 for USD. */
export function minorDigits(currency: string): number {
  return format('en', currency).resolvedOptions().maximumFractionDigits ?? 2;
}

/** The amount as a decimal number's text, exactly: 1999 USD is `19.99`, 1480 JPY is `1480`. */
export function toDecimal({ amount_minor, currency }: Money): `${number}` {
  const digits = minorDigits(currency);
  const sign = amount_minor < 0 ? '-' : '';
  const all = Math.abs(amount_minor).toFixed(0).padStart(digits + 1, '0');
  const whole = all.slice(0, all.length - digits);
  const fraction = all.slice(all.length - digits);
  return `${sign}${whole}${digits > 0 ? `.${fraction}` : ''}` as `${number}`;
}

/** The amount as people of the locale write it. */
export function formatMoney(money: Money, locale: string): string {
  // A text goes through Intl exactly; a number would be rounded to a binary fraction first.
  return format(locale, money.currency).format(toDecimal(money));
}

/**
 * Reads what a person typed: `19.99`, `1,480`, also with full-width digits. Undefined where it is no amount, is negative, or has
 * more digits behind the point than the currency.
 */
export function parseMoney(typed: string, currency: string): Money | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s,]/g, '');
  const match = /^(\d+)(?:\.(\d*))?$/.exec(plain);
  if (!match) return undefined;
  const digits = minorDigits(currency);
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return undefined;
  const amount_minor = Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
  return Number.isSafeInteger(amount_minor) ? { amount_minor, currency } : undefined;
}

/** The sum; undefined for none, or where currencies differ. */
export function sum(amounts: readonly Money[]): Money | undefined {
  const currency = amounts[0]?.currency;
  if (currency === undefined || amounts.some((amount) => amount.currency !== currency)) return undefined;
  return { amount_minor: amounts.reduce((total, amount) => total + amount.amount_minor, 0), currency };
}

export function times({ amount_minor, currency }: Money, quantity: number): Money {
  return { amount_minor: amount_minor * quantity, currency };
}
