/**
 * Stripe's Payment Element. The script comes from Stripe, as Stripe demands, and only on this page. It collects the method; the
 * amount is authorised by the payments function, with capture at dispatch.
 */

import { useEffect, useRef, useState } from 'react';
import { useLanguage } from '../../language/language';
import { m } from '../../paraglide/messages';
import { Loading } from '../../page/states';
import type { PaymentElementProps } from './element';

const SCRIPT = 'https://js.stripe.com/v3/';

/** The part of Stripe.js that is used here. */
interface StripeElements {
  create(kind: 'payment'): { mount(at: HTMLElement): void; on(event: 'ready', then: () => void): void };
  submit(): Promise<{ error?: { message?: string } }>;
}

interface StripeInstance {
  elements(options: Record<string, unknown>): StripeElements;
  createPaymentMethod(options: { elements: StripeElements }): Promise<{ error?: { message?: string }; paymentMethod?: { id: string } }>;
}

declare global {
  interface Window {
    Stripe?: (publishableKey: string, options: { locale: string }) => StripeInstance;
  }
}

let loading: Promise<void> | undefined;

function loadScript(): Promise<void> {
  loading ??= new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = SCRIPT;
    script.onload = () => resolve();
    script.onerror = () => {
      loading = undefined;
      script.remove();
      reject(new Error('js.stripe.com did not answer'));
    };
    document.head.append(script);
  });
  return loading;
}

export default function StripeElement({ publishableKey, amount_minor, currency, onReady }: PaymentElementProps & { publishableKey: string }) {
  const language = useLanguage();
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');

  useEffect(() => {
    let left = false;
    void loadScript().then(
      () => {
        const stripe = window.Stripe?.(publishableKey, { locale: language });
        if (left || !stripe || !place.current) return;
        const elements = stripe.elements({
          mode: 'payment',
          amount: amount_minor,
          currency: currency.toLowerCase(),
          captureMethod: 'manual',
          paymentMethodCreation: 'manual',
          paymentMethodTypes: ['card'],
        });
        const element = elements.create('payment');
        element.on('ready', () => {
          if (left) return;
          setState('ready');
          onReady({
            async choose() {
              const checked = await elements.submit();
              if (checked.error) return { refused: checked.error.message ?? m.card_incomplete() };
              const made = await stripe.createPaymentMethod({ elements });
              if (!made.paymentMethod) return { refused: made.error?.message ?? m.card_incomplete() };
              return { payment_method: made.paymentMethod.id };
            },
          });
        });
        element.mount(place.current);
      },
      () => {
        if (!left) setState('failed');
      },
    );
    return () => {
      left = true;
    };
  }, [publishableKey, amount_minor, currency, language, onReady]);

  return (
    <>
      {state === 'loading' && <Loading />}
      {state === 'failed' && (
        <p className="notice notice-bad" role="alert">
          {m.card_unreachable()}
        </p>
      )}
      <div ref={place} />
    </>
  );
}
