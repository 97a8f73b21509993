/** One of a few, all of them in sight. */

import type { ReactNode } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';

interface Props<T extends string> {
  label: string;
  value: T;
  choices: readonly { id: T; content: ReactNode; isDisabled?: boolean }[];
  onChange: (id: T) => void;
}

export function Choice<T extends string>({ label, value, choices, onChange }: Props<T>) {
  return (
    <RadioGroup className="choice" value={value} onChange={(id) => onChange(id as T)}>
      <Label>{label}</Label>
      <div className="choice-list">
        {choices.map(({ id, content, isDisabled = false }) => (
          <Radio key={id} value={id} isDisabled={isDisabled} className="choice-one">
            {content}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
