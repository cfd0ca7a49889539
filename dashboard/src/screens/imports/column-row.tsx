import { useId } from 'react';
import { MEANINGS, traitOf } from './mapping-draft.ts';
import type { ColumnDraft } from './mapping-draft.ts';
import type { CellType } from '../../api/customers/imports.ts';

interface ColumnRowProps {
  readonly draft: ColumnDraft;
  readonly samples: readonly string[];
  readonly onChange: (draft: ColumnDraft) => void;
}

/** What one column of a file means. */
export function ColumnRow({ draft, samples, onChange }: ColumnRowProps) {
  const id = useId();
  return (
    <tr className={draft.meaning === '' ? 'is-left-out' : undefined}>
      <th scope="row" className="wrap-anywhere mapping-column" id={`${id}-column`}>
        {draft.column}
        {draft.reason === undefined ? null : <span className="field-hint mapping-reason">{draft.reason}</span>}
      </th>
      <td className="mapping-samples soft">
        {samples.length === 0 ? <span className="faint">empty</span> : null}
        {samples.map((sample) => (
          <span key={sample} className="truncate">
            {sample}
          </span>
        ))}
      </td>
      <td>
        <select
          className="select"
          aria-label={`What ${draft.column} means`}
          value={draft.meaning}
          onChange={(change) => {
            const meaning = change.target.value;
            onChange({ ...draft, meaning, trait: meaning === 'trait' && draft.trait === '' ? traitOf(draft.column) : draft.trait });
          }}
        >
          <option value="">Leave it out</option>
          {MEANINGS.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
          <option value="trait">A trait…</option>
          <option value="consent">Consent</option>
        </select>
      </td>
      <td>
        {draft.meaning === 'trait' ? (
          <span className="mapping-trait">
            <input
              className="input"
              aria-label={`Name of the trait of ${draft.column}`}
              value={draft.trait}
              autoComplete="off"
              spellCheck={false}
              onChange={(change) => onChange({ ...draft, trait: change.target.value })}
            />
            <select
              className="select"
              aria-label={`Kind of ${draft.column}`}
              value={draft.type}
              onChange={(change) => onChange({ ...draft, type: change.target.value as CellType })}
            >
              <option value="text">Text</option>
              <option value="number">Number</option>
              <option value="boolean">Yes or no</option>
            </select>
          </span>
        ) : null}
      </td>
    </tr>
  );
}
