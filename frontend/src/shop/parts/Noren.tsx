/** The curtain at the shop's door: its panels are the ways into the shop. */

import { useState } from 'react';
import { Link, NavLink, useLocation } from 'react-router';
import { LanguageSwitch } from '../../page/LanguageSwitch';
import { Mark } from '../../page/Mark';
import { useSession } from '../../identity/session';
import { signIn, signOut } from '../../identity/signing';
import { m } from '../../paraglide/messages';
import { useCart } from '../cart';

export function Noren() {
  const { pathname } = useLocation();
  const cart = useCart();
  const count = cart.data?.lines.reduce((total, line) => total + line.quantity, 0) ?? 0;
  const panels = [
    { to: '/', glyph: '店', label: m.nav_shop(), end: true },
    { to: '/search', glyph: '探', label: m.nav_search(), end: false },
    { to: '/orders', glyph: '控', label: m.nav_orders(), end: false },
    { to: '/cart', glyph: '籠', label: m.nav_cart(), end: false, count },
  ];
  return (
    <header className={pathname === '/' ? 'noren noren-tall' : 'noren'}>
      <div className="noren-top">
        <Link to="/" className="brand">
          <Mark />
          <span>{m.shop_name()}</span>
        </Link>
        <div className="noren-tools">
          <LanguageSwitch />
          <SignInOut />
        </div>
      </div>
      <div className="noren-rod" aria-hidden="true" />
      <nav aria-label={m.nav_label()} className="noren-panels">
        {panels.map(({ to, glyph, label, end, count: badge }) => (
          <NavLink key={to} to={to} end={end} className="noren-panel">
            <span className="noren-glyph" aria-hidden="true" lang="ja">
              {glyph}
            </span>
            <span className="noren-label">
              {label}
              {badge ? (
                <span className="badge">
                  <span className="unseen">{m.nav_cart_count()} </span>
                  {badge}
                </span>
              ) : null}
            </span>
          </NavLink>
        ))}
      </nav>
    </header>
  );
}

function SignInOut() {
  const session = useSession();
  const { pathname, search } = useLocation();
  const [failed, setFailed] = useState(false);
  const attempt = (doing: Promise<void>) => {
    setFailed(false);
    doing.catch(() => setFailed(true));
  };
  return (
    <>
      {session ? (
        <>
          <Link to="/account" className="who">
            {session.name}
          </Link>
          <button type="button" className="plain" onClick={() => attempt(signOut())}>
            {m.sign_out()}
          </button>
        </>
      ) : (
        <button type="button" className="plain" onClick={() => attempt(signIn(pathname + search))}>
          {m.sign_in()}
        </button>
      )}
      {failed && (
        <span role="alert" className="who bad">
          {m.sign_in_unreachable()}
        </span>
      )}
    </>
  );
}
