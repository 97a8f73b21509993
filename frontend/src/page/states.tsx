/** What stands where there is nothing yet, or nothing at all. */

import type { ReactNode } from 'react';
import { m } from '../paraglide/messages';

export function Loading({ children }: { children?: ReactNode }) {
  return (
    <div className="loading" role="status">
      <span className="loading-noren" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{children ?? m.loading()}</span>
    </div>
  );
}

/** Cards that are not there yet, in the shape that they will have. */
export function CardsLoading({ count }: { count: number }) {
  return (
    <div role="status">
      <span className="unseen">{m.loading()}</span>
      <ul className="cards" aria-hidden="true">
        {Array.from({ length: count }, (_, position) => (
          <li key={position} className="card card-waiting">
            <div className="picture" />
            <div className="bar" />
            <div className="bar short" />
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg viewBox="0 0 120 70" aria-hidden="true" focusable="false">
        <path d="M8 10h104" stroke="currentColor" strokeWidth="4" strokeLinecap="round" />
        <path d="M16 12h26v38q-13 5-26 0zM47 12h26v34q-13 5-26 0zM78 12h26v38q-13 5-26 0z" fill="none" stroke="currentColor" strokeWidth="2" />
      </svg>
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}
