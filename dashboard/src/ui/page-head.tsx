import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { Link } from '../routing/link.tsx';
import { Icon } from './icon.tsx';

interface PageHeadProps {
  readonly title: string;
  /** One sentence on what this page is. */
  readonly lead?: ReactNode;
  readonly back?: { readonly href: string; readonly text: string };
  readonly children?: ReactNode;
}

/** The head of a screen; also names the browser's tab. */
export function PageHead({ title, lead, back, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Tendril`;
  }, [title]);
  return (
    <>
      {back === undefined ? null : (
        <Link href={back.href} className="back">
          <Icon name="back" isSmall />
          {back.text}
        </Link>
      )}
      <div className="page-head">
        <div>
          <h1 className="wrap-anywhere">{title}</h1>
          {lead === undefined ? null : <p>{lead}</p>}
        </div>
        {children === undefined ? null : <div className="row">{children}</div>}
      </div>
    </>
  );
}
