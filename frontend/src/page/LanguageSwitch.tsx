/** The other language, by its own name. */

import { setLanguage, useLanguage } from '../language/language';

export function LanguageSwitch() {
  const other = useLanguage() === 'ja' ? 'en' : 'ja';
  return (
    <button type="button" className="plain" lang={other} onClick={() => setLanguage(other)}>
      {other === 'ja' ? '日本語' : 'English'}
    </button>
  );
}
