/** The contexts by name, and which of them an event's type is from. */

import { m } from '../paraglide/messages';

/** What a context is called; one that came later than this page by its own name. */
export function contextWords(name: string): string {
  switch (name) {
    case 'carts':
      return m.context_carts();
    case 'catalog':
      return m.context_catalog();
    case 'customers':
      return m.context_customers();
    case 'insights':
      return m.context_insights();
    case 'inventory':
      return m.context_inventory();
    case 'migration':
      return m.context_migration();
    case 'notifications':
      return m.context_notifications();
    case 'orders':
      return m.context_orders();
    case 'payments':
      return m.context_payments();
    case 'promotions':
      return m.context_promotions();
    case 'shipping':
      return m.context_shipping();
    default:
      return name;
  }
}

/** `OrderPlaced` of `orders.OrderPlaced.v1`; a version other than the first is said. */
export function eventName(type: string): string {
  const [, name, version] = /^[^.]+\.([^.]+)\.(v\d+)$/.exec(type) ?? [];
  if (name === undefined) return type;
  return version === 'v1' ? name : `${name} ${version}`;
}
