/** Figures as an operator reads them: spans of time, rates, days. */

import type { Language } from '../language/language';

const unit = (language: Language, name: string, digits: number) => new Intl.NumberFormat(language, { style: 'unit', unit: name, maximumFractionDigits: digits });

/** A span of milliseconds in the unit that fits it; one digit behind the point where that says something. */
export function formatSpan(milliseconds: number, language: Language): string {
  // Clocks of two machines differ; less than nothing is nothing.
  const span = Math.max(0, milliseconds);
  if (span < 1_000) return unit(language, 'millisecond', 0).format(span);
  if (span < 60_000) return unit(language, 'second', 1).format(span / 1_000);
  if (span < 3_600_000) return unit(language, 'minute', 1).format(span / 60_000);
  if (span < 86_400_000) return unit(language, 'hour', 1).format(span / 3_600_000);
  return unit(language, 'day', 1).format(span / 86_400_000);
}

/** Events a minute; a rate that is not nothing never reads as nothing. */
export function formatRate(perMinute: number, language: Language): string {
  const digits = perMinute < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(perMinute > 0 && perMinute < 0.1 ? 0.1 : perMinute);
}

/** A point in time to the millisecond: what passes in a moment is told apart. */
export function formatMoment(instant: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false }).format(new Date(instant));
}

/** A day of the shop's calendar, `2026-11-29`; it has no time zone to be moved by. */
export function formatDay(day: string, language: Language, style: 'short' | 'long' = 'short'): string {
  const at = new Date(`${day}T00:00:00Z`);
  const format: Intl.DateTimeFormatOptions = style === 'short' ? { month: 'numeric', day: 'numeric' } : { dateStyle: 'full' };
  return new Intl.DateTimeFormat(language, { ...format, timeZone: 'UTC' }).format(at);
}

/** The day so many days from one. */
export function dayFrom(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** How many days lie from one to the other, both counted; 0 where they are no days or stand the wrong way round. */
export function daysIn(from: string, to: string): number {
  const days = (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000 + 1;
  return Number.isFinite(days) && days > 0 ? days : 0;
}
