import type { Language } from '../../language/language';
import { prefectures } from '../../language/prefectures';
import { states } from '../../language/states';

/** What a region is called; one that is in no list, by its code. */
export function regionName(region: string, language: Language): string {
  const all = region.startsWith('US-') ? states(language) : prefectures(language);
  return all.find((one) => one.region === region)?.name ?? region;
}
