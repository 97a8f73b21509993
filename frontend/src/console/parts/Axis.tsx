/** One axis to filter by, with all of its values and any. */

import { m } from '../../paraglide/messages';

interface AxisProps<T extends string> {
  label: string;
  value: T | '';
  choices: readonly T[];
  words: (value: T) => string;
  onChange: (value: T | '') => void;
}

export function Axis<T extends string>({ label, value, choices, words, onChange }: AxisProps<T>) {
  return (
    <label className="field">
      {label}
      <select value={value} onChange={(event) => onChange(event.target.value as T | '')}>
        <option value="">{m.search_any()}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {words(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}
