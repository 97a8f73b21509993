import { Link } from 'react-router';
import { OPERATORS, useSession } from '../../identity/session';
import { m } from '../../paraglide/messages';

export function Footer() {
  const operates = useSession()?.groups.includes(OPERATORS) ?? false;
  return (
    <footer className="footer">
      <p>{m.footer_line()}</p>
      <p>
        <Link to="/account">{m.account_open()}</Link>
      </p>
      {operates && (
        <p>
          <a href="/console/">{m.footer_console()}</a>
        </p>
      )}
    </footer>
  );
}
