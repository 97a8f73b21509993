import { m } from '../../paraglide/messages';
import { fulfilmentWords, orderWords, paymentWords } from '../../shop/words';
import { Axis } from '../parts/Axis';
import { Find } from '../parts/Find';
import { LookUp } from '../parts/LookUp';
import { FULFILMENT_AXIS, ORDER_AXIS, type OrderFilters, PAYMENT_AXIS } from './filters';

interface Props {
  filters: OrderFilters;
  onChange: (filters: OrderFilters) => void;
}

export function Filters({ filters, onChange }: Props) {
  return (
    <>
      <div className="filters">
        <LookUp label={m.console_find_order()} under="/orders" longest={64} />
        <Find key={filters.text} text={filters.text} label={m.orders_find()} onFind={(text) => onChange({ ...filters, text })} maxLength={64} />
      </div>
      <div className="filters">
        <Axis label={m.axis_order()} value={filters.status} choices={ORDER_AXIS} words={orderWords} onChange={(status) => onChange({ ...filters, status })} />
        <Axis label={m.axis_payment()} value={filters.payment_status} choices={PAYMENT_AXIS} words={paymentWords} onChange={(payment_status) => onChange({ ...filters, payment_status })} />
        <Axis
          label={m.axis_fulfilment()}
          value={filters.fulfilment_status}
          choices={FULFILMENT_AXIS}
          words={fulfilmentWords}
          onChange={(fulfilment_status) => onChange({ ...filters, fulfilment_status })}
        />
        <label className="field">
          {m.day_from()}
          <input type="date" value={filters.from} max={filters.to || undefined} onChange={(event) => onChange({ ...filters, from: event.target.value })} />
        </label>
        <label className="field">
          {m.day_to()}
          <input type="date" value={filters.to} min={filters.from || undefined} onChange={(event) => onChange({ ...filters, to: event.target.value })} />
        </label>
      </div>
    </>
  );
}
