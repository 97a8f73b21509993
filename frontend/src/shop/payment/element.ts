/**
 * The port to whoever takes the payment method. An element shows itself and, when asked, says which method the shopper chose, as
 * the provider's token; card numbers never pass through us.
 */

export interface PaymentElementHandle {
  /** The token of the chosen method, or what the shopper must mend first. */
  choose(): Promise<{ payment_method: string } | { refused: string }>;
}

export interface PaymentElementProps {
  amount_minor: number;
  currency: string;
  onReady: (handle: PaymentElementHandle) => void;
}
