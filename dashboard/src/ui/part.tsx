import type { Json } from '../api/types.ts';
import { JsonView } from './json-view.tsx';

/** A value that opens when one wants to see all of it. */
export function Part({ title, value }: { readonly title: string; readonly value: Json | undefined }) {
  if (value === undefined || value === null) return null;
  return (
    <details className="part">
      <summary>
        <span className="part-title">{title}</span>
        <span className="truncate mono faint">{JSON.stringify(value)}</span>
      </summary>
      <JsonView value={value} label={title} />
    </details>
  );
}
