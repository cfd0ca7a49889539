import { useId } from 'react';
import type { ReactNode } from 'react';

/** A part of a screen under its title. */
export function TitledPanel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const titleId = useId();
  return (
    <section className="panel" aria-labelledby={titleId}>
      <div className="panel-head">
        <h2 id={titleId}>{title}</h2>
      </div>
      {children}
    </section>
  );
}
