import type { Money } from '../api/generated';
import { useLanguage } from '../language/language';
import { formatMoney } from '../money/money';

export function Amount({ money }: { money: Money }) {
  return <span className="amount">{formatMoney(money, useLanguage())}</span>;
}
