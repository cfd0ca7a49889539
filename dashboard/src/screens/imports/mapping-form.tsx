import { useId, useMemo, useState } from 'react';
import type { SubmitEvent } from 'react';
import { importsApi } from '../../api/customers/imports.ts';
import type { MappingSuggestion } from '../../api/customers/imports.ts';
import type { CsvShape } from '../../csv/csv-file.ts';
import { navigate } from '../../routing/router.ts';
import { Icon } from '../../ui/icon.tsx';
import { tellCount } from '../../ui/number.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { checkRows } from './check-rows.ts';
import { ColumnRow } from './column-row.tsx';
import { findDraftFaults, fromDraft, toConsentDraft, toDraft } from './mapping-draft.ts';
import { startImport } from './import-runner.ts';
import { rememberFile } from './remembered-file.ts';
import { RowCheckView } from './row-check.tsx';
import { tellBytes } from './tell-bytes.ts';

interface MappingFormProps {
  readonly file: File;
  readonly shape: CsvShape;
  readonly suggestion: MappingSuggestion | undefined;
  readonly onOther: () => void;
}

/** What the columns of a file mean, with what its first rows would come to. */
export function MappingForm({ file, shape, suggestion, onOther }: MappingFormProps) {
  const id = useId();
  const [draft, setDraft] = useState(() => toDraft(shape.columns, suggestion));
  const [consent, setConsent] = useState(() => toConsentDraft(suggestion?.consent));
  const [name, setName] = useState(() => file.name.replace(/\.[a-z]{2,4}$/i, ''));
  const [startsPipelines, setStartsPipelines] = useState(false);
  const task = useTask();
  const faults = findDraftFaults(draft, consent);
  const check = useMemo(() => checkRows(shape.firstRows, fromDraft(draft, consent)), [shape.firstRows, draft, consent]);
  const hasConsent = draft.some(({ meaning }) => meaning === 'consent');

  function begin(event: SubmitEvent): void {
    event.preventDefault();
    if (faults.length > 0) return;
    void task.run(async () => {
      const created = await importsApi.create({
        name: name.trim() || file.name,
        fileName: file.name,
        sizeBytes: file.size,
        ...fromDraft(draft, consent),
        isImported: !startsPipelines,
      });
      rememberFile(created.id, { name: file.name, sizeBytes: file.size, fingerprint: shape.fingerprint });
      startImport(created, file, shape);
      navigate(`/imports/${encodeURIComponent(created.id)}`);
    });
  }

  return (
    <form className="stack" onSubmit={begin} noValidate>
      <section className="panel" aria-labelledby={`${id}-file`}>
        <div className="panel-head">
          <h2 id={`${id}-file`} className="wrap-anywhere">
            {file.name}
          </h2>
          <span className="row small soft">
            {tellBytes(file.size)} · {shape.columns.length} columns · {shape.encoding.toUpperCase()} · {nameDelimiter(shape.delimiter)}
            <button type="button" className="button button-quiet" onClick={onOther}>
              Another file
            </button>
          </span>
        </div>
        <div className="table-scroll" tabIndex={0} role="region" aria-label="What the columns mean">
          <table className="table mapping-table">
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">First values</th>
                <th scope="col">Means</th>
                <th scope="col">Name and kind</th>
              </tr>
            </thead>
            <tbody>
              {draft.map((column, index) => (
                <ColumnRow
                  key={column.column}
                  draft={column}
                  samples={samplesOf(shape, index)}
                  onChange={(changed) => setDraft(draft.map((each, place) => (place === index ? changed : each)))}
                />
              ))}
            </tbody>
          </table>
        </div>
        {hasConsent ? (
          <div className="panel-body field-columns">
            <TextField label="Words that mean yes" value={consent.optIn} onChange={(optIn) => setConsent({ ...consent, optIn })} />
            <TextField label="Words that mean no" value={consent.optOut} onChange={(optOut) => setConsent({ ...consent, optOut })} />
            <TextField label="Agreed to" value={consent.purpose} onChange={(purpose) => setConsent({ ...consent, purpose })} />
          </div>
        ) : null}
      </section>
      <RowCheckView check={check} isWhole={shape.firstRows.length < 1_000} />
      <section className="panel panel-body stack import-begin" aria-label="Begin">
        <TextField label="Name of the import" value={name} onChange={setName} />
        <label className="choice-option">
          <input type="checkbox" checked={startsPipelines} onChange={(change) => setStartsPipelines(change.target.checked)} />
          <span>
            Let rows start pipelines
            <span className="field-hint choice-hint">
              Without it only pipelines that ask for imported events react: a list of old customers gets no welcome mails.
            </span>
          </span>
        </label>
        {faults.length === 0 ? null : (
          <ul className="stack-tight" role="alert">
            {faults.map((fault) => (
              <li key={fault} className="field-fault">
                <Icon name="alert" isSmall />
                {fault}
              </li>
            ))}
          </ul>
        )}
        {task.problem === undefined ? null : <Problem problem={task.problem} />}
        <div className="row">
          <button type="submit" className="button button-main" disabled={task.isBusy || faults.length > 0}>
            {task.isBusy
              ? 'Beginning…'
              : shape.firstRows.length < 1_000
                ? `Import ${tellCount(shape.firstRows.length)} rows`
                : 'Import all rows'}
          </button>
        </div>
      </section>
    </form>
  );
}

function TextField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="input" value={value} autoComplete="off" onChange={(change) => onChange(change.target.value)} />
    </div>
  );
}

function samplesOf(shape: CsvShape, index: number): readonly string[] {
  const samples: string[] = [];
  for (const row of shape.firstRows.slice(0, 100)) {
    const cell = row[index]?.trim() ?? '';
    if (cell !== '' && !samples.includes(cell)) samples.push(cell);
    if (samples.length === 3) break;
  }
  return samples;
}

function nameDelimiter(delimiter: string): string {
  return { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' }[delimiter] ?? delimiter;
}
