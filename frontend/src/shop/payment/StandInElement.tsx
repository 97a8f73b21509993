/** The local stand-in's element: its test cards, by what they do. They are Stripe's own (https://docs.stripe.com/testing). */

import { useEffect, useState } from 'react';
import { Choice } from '../../page/Choice';
import { m } from '../../paraglide/messages';
import type { PaymentElementProps } from './element';

const CARDS = [
  { id: 'pm_card_visa', number: '4242', says: () => m.card_approves() },
  { id: 'pm_card_jcb', number: '0505', says: () => m.card_approves_jcb() },
  { id: 'pm_card_threeDSecure2Required', number: '3220', says: () => m.card_asks() },
  { id: 'pm_card_chargeDeclined', number: '0002', says: () => m.card_declines() },
  { id: 'pm_card_chargeDeclinedInsufficientFunds', number: '9995', says: () => m.card_insufficient() },
] as const;

type CardId = (typeof CARDS)[number]['id'];

export function StandInElement({ onReady }: PaymentElementProps) {
  const [card, setCard] = useState<CardId>('pm_card_visa');
  useEffect(() => {
    onReady({ choose: () => Promise.resolve({ payment_method: card }) });
  }, [card, onReady]);
  return (
    <>
      <p className="notice">{m.card_test_only()}</p>
      <Choice
        label={m.card_label()}
        value={card}
        onChange={setCard}
        choices={CARDS.map(({ id, number, says }) => ({
          id,
          content: (
            <>
              <span className="card-number">•••• {number}</span>
              <span>{says()}</span>
            </>
          ),
        }))}
      />
    </>
  );
}
