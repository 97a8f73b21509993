/** The three axes of an order, in words. */

import type { CancellationReason, FulfilmentStatus, OrderPaymentStatus, OrderStatus, ReturnReason } from '../api/generated';
import { m } from '../paraglide/messages';

export function orderWords(status: OrderStatus): string {
  switch (status) {
    case 'placed':
      return m.status_placed();
    case 'awaiting_payment':
      return m.status_awaiting_payment();
    case 'confirmed':
      return m.status_confirmed();
    case 'cancelling':
      return m.status_cancelling();
    case 'completed':
      return m.status_completed();
    case 'cancelled':
      return m.status_cancelled();
  }
}

export function paymentWords(status: OrderPaymentStatus): string {
  switch (status) {
    case 'none':
      return m.payment_none();
    case 'requested':
      return m.payment_requested();
    case 'action_required':
      return m.payment_action_required();
    case 'authorized':
      return m.payment_authorized();
    case 'captured':
      return m.payment_captured();
    case 'declined':
      return m.payment_declined();
    case 'voided':
      return m.payment_voided();
    case 'partially_refunded':
      return m.payment_partially_refunded();
    case 'refunded':
      return m.payment_refunded();
  }
}

export function fulfilmentWords(status: FulfilmentStatus): string {
  switch (status) {
    case 'unfulfilled':
      return m.fulfilment_unfulfilled();
    case 'partially_dispatched':
      return m.fulfilment_partially_dispatched();
    case 'dispatched':
      return m.fulfilment_dispatched();
    case 'delivered':
      return m.fulfilment_delivered();
  }
}

export function cancellationWords(reason: CancellationReason): string {
  switch (reason) {
    case 'customer_request':
      return m.cancelled_customer_request();
    case 'operator_request':
      return m.cancelled_operator_request();
    case 'out_of_stock':
      return m.cancelled_out_of_stock();
    case 'payment_declined':
      return m.cancelled_payment_declined();
    case 'payment_lapsed':
      return m.cancelled_payment_lapsed();
    case 'timed_out':
      return m.cancelled_timed_out();
  }
}

export function returnWords(reason: ReturnReason): string {
  switch (reason) {
    case 'damaged':
      return m.returned_damaged();
    case 'wrong_item':
      return m.returned_wrong_item();
    case 'not_as_described':
      return m.returned_not_as_described();
    case 'not_wanted':
      return m.returned_not_wanted();
  }
}
