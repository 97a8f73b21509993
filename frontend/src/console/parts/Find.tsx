import { useState } from 'react';
import { m } from '../../paraglide/messages';

interface Props {
  text: string;
  label: string;
  maxLength?: number;
  onFind: (text: string) => void;
}

export function Find({ text, label, maxLength = 100, onFind }: Props) {
  const [typed, setTyped] = useState(text);
  return (
    <search>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          onFind(typed.trim());
        }}
      >
        <label className="field">
          {label}
          <input type="search" value={typed} maxLength={maxLength} onChange={(event) => setTyped(event.target.value)} />
        </label>
        <button type="submit" className="button">
          {m.search_go()}
        </button>
      </form>
    </search>
  );
}
