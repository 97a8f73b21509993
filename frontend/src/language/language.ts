/** The language that the page speaks: chosen once, kept on this device, changed without loading anything again. */

import { useSyncExternalStore } from 'react';
import { isLocale, locales, overwriteGetLocale, overwriteSetLocale } from '../paraglide/runtime';

export type Language = (typeof locales)[number];

const KEPT_AS = 'noren.language';

function first(): Language {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    if (isLocale(kept)) return kept;
  } catch {
    // Storage may be closed to us; the browser's own wish is then as good.
  }
  return navigator.languages.some((wish) => wish.toLowerCase().startsWith('ja')) ? 'ja' : 'en';
}

let language: Language = 'en';
const listeners = new Set<() => void>();

export function prepareLanguage(): void {
  language = first();
  overwriteGetLocale(() => language);
  overwriteSetLocale((wished) => setLanguage(wished as Language));
  document.documentElement.lang = language;
}

export function setLanguage(wished: Language): void {
  language = wished;
  document.documentElement.lang = wished;
  try {
    localStorage.setItem(KEPT_AS, wished);
  } catch {
    // Then it holds until the page is left.
  }
  for (const listener of listeners) listener();
}

export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => language,
  );
}

/** Of a text in several languages, the one to show. */
export function say(texts: Record<string, string> | null | undefined, wished: Language): string {
  if (!texts) return '';
  return texts[wished] ?? texts.en ?? texts.ja ?? Object.values(texts)[0] ?? '';
}

/** An instant as people of the language write it, in the reader's own time zone. */
export function formatInstant(instant: string, wished: Language): string {
  return new Intl.DateTimeFormat(wished, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

export function formatNumber(value: number, wished: Language): string {
  return new Intl.NumberFormat(wished).format(value);
}
