import type { OperatorCustomer } from '../../api/generated';
import { m } from '../../paraglide/messages';

/** Why an operator erases somebody. */
export const REASONS = ['customer_request', 'account_closed', 'retention_ended', 'registered_in_error'] as const;
export type OperatorReason = (typeof REASONS)[number];

export function erasureWords(reason: NonNullable<OperatorCustomer['erased']>['reason']): string {
  switch (reason) {
    case 'customer_request':
      return m.erased_customer_request();
    case 'account_closed':
      return m.erased_account_closed();
    case 'retention_ended':
      return m.erased_retention_ended();
    case 'registered_in_error':
      return m.erased_registered_in_error();
    case 'self_service':
      return m.erased_self_service();
  }
}
