import { useId, useState } from 'react';
import type { JsonObject } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { JsonInput, readObject } from '../../ui/json-input.tsx';

interface ContentEditorProps {
  /** Whose content it is: `Fallback`. */
  readonly of: string;
  readonly value: JsonObject | undefined;
  /** Called with nothing while it cannot be read. */
  readonly onChange: (content: JsonObject | undefined) => void;
}

interface Row {
  readonly key: number;
  readonly name: string;
  readonly text: string;
}

/** Content as names with texts, or as JSON where it is more than that. */
export function ContentEditor({ of, value, onChange }: ContentEditorProps) {
  const id = useId();
  const [rows, setRows] = useState<readonly Row[] | undefined>(() => rowsOf(value ?? {}));
  const [typed, setTyped] = useState(() => JSON.stringify(value ?? {}, null, 2));
  const flat = value === undefined ? undefined : rowsOf(value);

  function changeRows(changed: readonly Row[]): void {
    setRows(changed);
    onChange(Object.fromEntries(changed.filter(({ name }) => name !== '').map(({ name, text }) => [name, text])));
  }
  function turn(): void {
    if (rows === undefined) setRows(flat);
    else {
      setTyped(JSON.stringify(value ?? {}, null, 2));
      setRows(undefined);
    }
  }
  return (
    <div className="stack-tight">
      <div className="row-between">
        <span className="field-label" id={`${id}-label`}>
          Content
        </span>
        <button
          type="button"
          className="button button-quiet button-small"
          disabled={rows === undefined && flat === undefined}
          title={rows === undefined && flat === undefined ? 'This content is more than names with texts.' : undefined}
          onClick={turn}
        >
          {rows === undefined ? 'As fields' : 'As JSON'}
        </button>
      </div>
      {rows === undefined ? (
        <JsonInput
          id={`${id}-json`}
          label={`Content of ${of} as JSON`}
          hint="Texts, links, the name of a template: whatever your application shows."
          rows={6}
          value={typed}
          onChange={(text) => {
            setTyped(text);
            onChange(readObject(text).value);
          }}
        />
      ) : (
        <>
          <ul className="content-rows" aria-labelledby={`${id}-label`}>
            {rows.map((row, index) => (
              <li key={row.key}>
                <input
                  className="input mono"
                  aria-label={`Name ${String(index + 1)} in ${of}`}
                  placeholder="headline"
                  value={row.name}
                  autoComplete="off"
                  spellCheck={false}
                  onChange={(change) => changeRows(rows.with(index, { ...row, name: change.target.value }))}
                />
                <input
                  className="input"
                  aria-label={`Text of ${row.name || `name ${String(index + 1)}`} in ${of}`}
                  value={row.text}
                  autoComplete="off"
                  onChange={(change) => changeRows(rows.with(index, { ...row, text: change.target.value }))}
                />
                <button
                  type="button"
                  className="button button-quiet button-icon"
                  aria-label={`Remove ${row.name || `name ${String(index + 1)}`} from ${of}`}
                  onClick={() => changeRows(rows.filter((each) => each !== row))}
                >
                  <Icon name="cross" />
                </button>
              </li>
            ))}
          </ul>
          <div className="row">
            <button
              type="button"
              className="button"
              onClick={() => setRows([...rows, { key: Math.max(-1, ...rows.map(({ key }) => key)) + 1, name: '', text: '' }])}
            >
              <Icon name="plus" />
              Another text
            </button>
          </div>
        </>
      )}
    </div>
  );
}

/** Names with texts; nothing where some of it is no text. */
function rowsOf(content: JsonObject): readonly Row[] | undefined {
  const entries = Object.entries(content);
  const rows = entries.flatMap(([name, text], key) => (typeof text === 'string' ? [{ key, name, text }] : []));
  return rows.length === entries.length ? rows : undefined;
}
