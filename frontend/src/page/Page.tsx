/** A page: names the document, and takes the focus to its heading when it has been gone to. */

import { type ReactNode, useEffect, useRef } from 'react';
import { useNavigationType } from 'react-router';
import { useLocation } from 'react-router';
import { m } from '../paraglide/messages';

interface Props {
  title: string;
  /** The heading is there for readers of the page only. */
  quiet?: boolean;
  lead?: ReactNode;
  children: ReactNode;
}

let visited: string | undefined;

export function Page({ title, quiet = false, lead, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  const how = useNavigationType();
  useEffect(() => {
    document.title = `${title} · ${m.shop_name()}`;
  }, [title]);
  useEffect(() => {
    // The first page of a visit begins at its top, as any page does.
    if (visited !== undefined && visited !== pathname) {
      heading.current?.focus({ preventScroll: true });
      if (how !== 'POP') window.scrollTo(0, 0);
    }
    visited = pathname;
  }, [pathname, how]);
  return (
    <div className="page">
      <header className={quiet ? 'unseen' : 'page-head'}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead}
      </header>
      {children}
    </div>
  );
}
