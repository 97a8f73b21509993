import { useState } from 'react';
import { m } from '../paraglide/messages';

export function Find({ text, label, onFind }: { text: string; label: string; onFind: (text: string) => void }) {
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
          <input type="search" value={typed} maxLength={100} onChange={(event) => setTyped(event.target.value)} />
        </label>
        <button type="submit" className="button">
          {m.search_go()}
        </button>
      </form>
    </search>
  );
}
