/** How many: typed, or by the buttons beside it. */

import { Button, Group, Input, Label, NumberField } from 'react-aria-components';
import { m } from '../paraglide/messages';

interface Props {
  label: string;
  value: number;
  max: number;
  isDisabled?: boolean;
  onChange: (quantity: number) => void;
}

export function QuantityField({ label, value, max, isDisabled = false, onChange }: Props) {
  return (
    <NumberField
      className="quantity"
      value={value}
      minValue={1}
      maxValue={max}
      isDisabled={isDisabled}
      aria-label={label}
      incrementAriaLabel={m.quantity_more()}
      decrementAriaLabel={m.quantity_less()}
      onChange={(next) => {
        if (Number.isInteger(next)) onChange(next);
      }}
    >
      <Label className="unseen">{label}</Label>
      <Group>
        <Button slot="decrement">−</Button>
        <Input />
        <Button slot="increment">+</Button>
      </Group>
    </NumberField>
  );
}
