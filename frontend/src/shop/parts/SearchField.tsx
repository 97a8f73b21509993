import { useState } from 'react';
import { useNavigate } from 'react-router';
import { m } from '../../paraglide/messages';

interface Props {
  text?: string;
  /** Where given, the text goes there; else to the search page. */
  onSearch?: (text: string) => void;
}

export function SearchField({ text = '', onSearch }: Props) {
  const [typed, setTyped] = useState(text);
  const navigate = useNavigate();
  const go = onSearch ?? ((q: string) => void navigate(`/search?q=${encodeURIComponent(q)}`));
  return (
    <search>
      <form
        className="search-field"
        onSubmit={(event) => {
          event.preventDefault();
          go(typed.trim());
        }}
      >
        <label htmlFor="search-text">{m.search_label()}</label>
        <input id="search-text" type="search" value={typed} maxLength={100} onChange={(event) => setTyped(event.target.value)} placeholder={m.search_example()} />
        <button type="submit" className="button button-main">
          {m.search_go()}
        </button>
      </form>
    </search>
  );
}
