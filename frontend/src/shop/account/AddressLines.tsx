import type { Address } from '../../api/generated';
import { type Language, useLanguage } from '../../language/language';
import { regionName } from './region';

/** An address as people of the language write it: from the country inwards in Japanese, from the door outwards in English. */
export function AddressLines({ address }: { address: Address }) {
  const language = useLanguage();
  return (
    <address>
      {linesOf(address, language).map((line) => (
        <span key={line}>{line}</span>
      ))}
    </address>
  );
}

export function linesOf({ recipient, postal_code, region, city, street, phone }: Address, language: Language): string[] {
  const place = regionName(region, language);
  const lines = language === 'ja' ? [`〒${postal_code}`, `${place}${city}${street}`, recipient] : [recipient, street, `${city}, ${place} ${postal_code}`];
  return phone ? [...lines, phone] : lines;
}

export function oneLine(address: Address, language: Language): string {
  return linesOf({ ...address, phone: null }, language).join(language === 'ja' ? ' ' : ', ');
}
