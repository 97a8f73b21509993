import { useState } from 'react';
import { useNavigate } from 'react-router';
import { m } from '../../paraglide/messages';

export function GoTo() {
  const navigate = useNavigate();
  const [id, setId] = useState('');
  return (
    <search>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim()) void navigate(`/orders/${encodeURIComponent(id.trim())}`);
        }}
      >
        <label className="field">
          {m.console_find_order()}
          <input value={id} onChange={(event) => setId(event.target.value)} maxLength={64} spellCheck={false} />
        </label>
        <button type="submit" className="button">
          {m.console_open()}
        </button>
      </form>
    </search>
  );
}
