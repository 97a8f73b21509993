/** What a failed message is about. */

/** Contexts whose events are about an order, and carry its number as their subject. */
const OF_AN_ORDER = new Set(['orders', 'payments', 'shipping', 'inventory', 'notifications']);
/** Of these contexts, the events that are about something else. */
const OF_SOMETHING_ELSE = new Set(['inventory.StockAdjusted.v1', 'inventory.LowStock.v1', 'shipping.ShippingRateChanged.v1']);

/** The order that a message is about; none where it is no event, or one about something else. */
export function orderOf({ type, subject }: { type?: string | null; subject?: string | null }): string | undefined {
  if (!type || !subject || OF_SOMETHING_ELSE.has(type)) return undefined;
  return OF_AN_ORDER.has(type.split('.')[0] ?? '') ? subject : undefined;
}
