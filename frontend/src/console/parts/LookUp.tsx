/** A thing is opened by its number: an order, a customer. */

import { useState } from 'react';
import { useNavigate } from 'react-router';
import { m } from '../../paraglide/messages';

export function LookUp({ label, under, longest }: {
  label: string;
  /** The path of its page, less the number. */
  under: string;
  /** The longest number, in characters. */
  longest: number;
}) {
  const navigate = useNavigate();
  const [id, setId] = useState('');
  return (
    <search>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim()) void navigate(`${under}/${encodeURIComponent(id.trim())}`);
        }}
      >
        <label className="field">
          {label}
          <input value={id} onChange={(event) => setId(event.target.value)} maxLength={longest} spellCheck={false} />
        </label>
        <button type="submit" className="button">
          {m.console_open()}
        </button>
      </form>
    </search>
  );
}
