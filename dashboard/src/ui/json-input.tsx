import { Icon } from './icon.tsx';
import type { JsonObject } from '../api/types.ts';

interface JsonInputProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly rows?: number;
  readonly onChange: (value: string) => void;
}

/** A JSON object to type or paste; says at once when it is none. */
export function JsonInput({ id, label, hint, value, rows = 8, onChange }: JsonInputProps) {
  const fault = readObject(value).fault;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="input mono"
        rows={rows}
        spellCheck={false}
        autoComplete="off"
        aria-describedby={`${id}-hint`}
        aria-invalid={fault !== undefined}
        value={value}
        onChange={(change) => onChange(change.target.value)}
      />
      <p id={`${id}-hint`} className={fault === undefined ? 'field-hint' : 'field-fault'}>
        {fault === undefined ? (
          hint
        ) : (
          <>
            <Icon name="alert" isSmall />
            {fault}
          </>
        )}
      </p>
    </div>
  );
}

/** Reads a typed JSON object; an empty text is an empty one. */
export function readObject(typed: string): { readonly value?: JsonObject; readonly fault?: string } {
  if (typed.trim() === '') return { value: {} };
  try {
    const value = JSON.parse(typed) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: 'This must be an object: { … }.' };
    return { value: value as JsonObject };
  } catch (thrown) {
    return { fault: `This is not JSON: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}` };
  }
}
