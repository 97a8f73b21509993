import { describe, expect, it } from 'vitest';
import { formatMoney, minorDigits, parseMoney, sum, times, toDecimal } from '../src/money/money';

const yen = (amount_minor: number) => ({ amount_minor, currency: 'JPY' });
const dollars = (amount_minor: number) => ({ amount_minor, currency: 'USD' });

describe('writing', () => {
  it('knows how many digits a currency has', () => {
    expect([minorDigits('JPY'), minorDigits('USD'), minorDigits('KWD')]).toEqual([0, 2, 3]);
  });

  it.each([
    [yen(1480), '1480'],
    [yen(0), '0'],
    [dollars(1999), '19.99'],
    [dollars(5), '0.05'],
    [dollars(-105), '-1.05'],
    [{ amount_minor: 1234567, currency: 'KWD' }, '1234.567'],
  ])('makes %o the decimal %s', (money, decimal) => expect(toDecimal(money)).toBe(decimal));

  it('writes as people of the locale do', () => {
    expect(formatMoney(yen(1480), 'en')).toBe('¥1,480');
    expect(formatMoney(yen(1480), 'ja')).toBe('￥1,480');
    expect(formatMoney(dollars(1999), 'en')).toBe('$19.99');
    expect(formatMoney(dollars(-5), 'en')).toBe('-$0.05');
  });

  it('loses no cent of an amount that a binary fraction cannot hold', () => {
    expect(formatMoney(dollars(900_719_925_474_0991), 'en')).toBe('$90,071,992,547,409.91');
  });
});

describe('reading', () => {
  it.each([
    ['1,480', 'JPY', 1480],
    ['１４８０', 'JPY', 1480],
    ['19.99', 'USD', 1999],
    ['19.9', 'USD', 1990],
    ['19', 'USD', 1900],
    ['0.29', 'USD', 29],
    [' 1 000 ', 'JPY', 1000],
  ])('reads %s %s', (typed, currency, amount_minor) => expect(parseMoney(typed, currency)).toEqual({ amount_minor, currency }));

  it.each([
    ['', 'JPY'],
    ['-5', 'JPY'],
    ['14.5', 'JPY'],
    ['1.999', 'USD'],
    ['1e3', 'USD'],
    ['abc', 'USD'],
    ['99999999999999999999', 'JPY'],
  ])('refuses %s %s', (typed, currency) => expect(parseMoney(typed, currency)).toBeUndefined());

  it('reads back what it writes', () => {
    for (const minor of [0, 1, 9, 10, 99, 100, 101, 123456789]) {
      for (const currency of ['JPY', 'USD', 'KWD']) {
        const money = { amount_minor: minor, currency };
        expect(parseMoney(toDecimal(money), currency)).toEqual(money);
      }
    }
  });
});

describe('sums', () => {
  it('adds one currency and refuses two', () => {
    expect(sum([yen(100), yen(23)])).toEqual(yen(123));
    expect(sum([yen(100), dollars(1)])).toBeUndefined();
    expect(sum([])).toBeUndefined();
    expect(times(dollars(333), 3)).toEqual(dollars(999));
  });
});
