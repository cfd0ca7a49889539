import { Fragment } from 'react';
import type { ReactNode } from 'react';
import type { Json } from '../api/types.ts';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;

/** JSON, indented and coloured; can be scrolled with the keyboard. */
export function JsonView({ value, label }: { readonly value: Json; readonly label: string }) {
  return (
    <pre className="json" tabIndex={0} role="group" aria-label={label}>
      {paint(JSON.stringify(value, null, 2))}
    </pre>
  );
}

function paint(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon, number] = match;
    parts.push(<Fragment key={end}>{text.slice(end, match.index)}</Fragment>);
    const isMasked = colon === undefined && (string === '"[personal]"' || string === '"[secret]"');
    const kind = isMasked
      ? 'masked'
      : string === undefined
        ? number === undefined
          ? 'word'
          : 'number'
        : colon === undefined
          ? 'string'
          : 'key';
    parts.push(
      <span key={match.index + 0.5} className={`json-${kind}`}>
        {whole}
      </span>,
    );
    end = match.index + whole.length;
  }
  parts.push(<Fragment key="rest">{text.slice(end)}</Fragment>);
  return parts;
}
