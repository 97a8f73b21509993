import { Suspense, lazy } from 'react';
import type { PaymentElementConfig } from '../../config';
import { Loading } from '../../page/states';
import type { PaymentElementProps } from './element';
import { StandInElement } from './StandInElement';

const StripeElement = lazy(() => import('./StripeElement'));

export function PaymentElement({ config, ...props }: PaymentElementProps & { config: PaymentElementConfig }) {
  switch (config.element) {
    case 'stand-in':
      return <StandInElement {...props} />;
    case 'stripe':
      return (
        <Suspense fallback={<Loading />}>
          <StripeElement publishableKey={config.publishable_key} {...props} />
        </Suspense>
      );
  }
}
