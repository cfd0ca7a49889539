import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { segmentsApi } from '../../api/customers/segments.ts';
import type { DefinitionSaved, Segment } from '../../api/customers/segments.ts';
import { useKnownNames } from '../../api/customers/use-known-names.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { ConditionInput } from './condition-input.tsx';
import { conditionPickers } from './condition-pickers.ts';
import { findRuleFault, readRules, writeRules } from './condition-rules.ts';
import type { Rules } from './condition-rules.ts';
import { readFault } from './condition-fault.tsx';
import { nameOf } from './name-of.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { RuleBuilder } from './rule-builder.tsx';
import { usePreview } from './use-preview.ts';

interface SegmentEditorProps {
  /** Missing for a new one. */
  readonly segment?: Segment;
  readonly example?: { readonly title: string; readonly description: string; readonly condition: string } | undefined;
  readonly onSaved: (saved: DefinitionSaved) => void;
}

const FIRST_RULES: Rules = { joinedBy: '&&', rules: [{ kind: 'did', event: '', times: 1, days: 30, isNot: false }] };

/** A segment as it is being written: chosen from lists or in CEL, with who would be in at once. */
export function SegmentEditor({ segment, example, onSaved }: SegmentEditorProps) {
  const id = useId();
  const first = segment?.next?.condition ?? segment?.condition ?? example?.condition ?? '';
  const [title, setTitle] = useState(segment?.title ?? example?.title ?? '');
  const [name, setName] = useState(segment?.name ?? nameOf(example?.title ?? ''));
  const [isNameTyped, setNameTyped] = useState(false);
  const [description, setDescription] = useState(segment?.description ?? example?.description ?? '');
  const [condition, setCondition] = useState(first);
  const [rules, setRules] = useState<Rules | undefined>(() => (first === '' ? FIRST_RULES : readRules(first)));
  const [isAnnounced, setAnnounced] = useState(false);
  const names = useKnownNames();
  const task = useTask();
  const isWhole = rules === undefined || rules.rules.every((rule) => findRuleFault(rule) === undefined);
  const written = rules === undefined ? condition : isWhole ? writeRules(rules) : '';
  const preview = usePreview(written);
  const isFaulty = readFault(preview.problem, written) !== undefined && preview.about === written;
  const isNameGood = /^[a-z][a-z0-9_]{0,63}$/.test(name);

  function save(event: SubmitEvent): void {
    event.preventDefault();
    void task.run(async () => {
      const words = { title: title.trim(), description: description.trim() };
      onSaved(
        await segmentsApi.save({
          name,
          condition: written,
          ...Object.fromEntries(Object.entries(words).filter(([key, value]) => value !== '' || segment?.[key as 'title'] !== undefined)),
          ...(segment === undefined && isAnnounced ? { announce: true } : {}),
        }),
      );
    });
  }
  function turnToRules(): void {
    const read = condition.trim() === '' ? FIRST_RULES : readRules(condition);
    if (read !== undefined) setRules(read);
  }
  const canTurnToRules = condition.trim() === '' || readRules(condition) !== undefined;

  return (
    <form className="columns" onSubmit={save} noValidate>
      <div className="stack">
        <section className="panel panel-body stack segment-form" aria-label="Segment">
          <div className="field-columns">
            <div className="field">
              <label htmlFor={`${id}-title`}>Title</label>
              <input
                id={`${id}-title`}
                className="input"
                value={title}
                autoComplete="off"
                onChange={(change) => {
                  setTitle(change.target.value);
                  if (segment === undefined && !isNameTyped) setName(nameOf(change.target.value));
                }}
              />
            </div>
            <div className="field">
              <label htmlFor={`${id}-name`}>Name in conditions and pipelines</label>
              <input
                id={`${id}-name`}
                className="input mono"
                value={name}
                autoComplete="off"
                spellCheck={false}
                readOnly={segment !== undefined}
                aria-invalid={name !== '' && !isNameGood}
                aria-describedby={`${id}-name-hint`}
                onChange={(change) => {
                  setName(change.target.value);
                  setNameTyped(true);
                }}
              />
            </div>
          </div>
          <p id={`${id}-name-hint`} className={name !== '' && !isNameGood ? 'field-fault' : 'visually-hidden'}>
            A name has small letters, digits and _, and begins with a letter.
          </p>
          <div className="field">
            <label htmlFor={`${id}-description`}>What it is for</label>
            <input
              id={`${id}-description`}
              className="input"
              value={description}
              autoComplete="off"
              onChange={(change) => setDescription(change.target.value)}
            />
          </div>
          <div className="segmented" role="group" aria-label="How the condition is written">
            <button
              type="button"
              className="segment"
              aria-pressed={rules !== undefined}
              aria-current={rules !== undefined ? 'true' : undefined}
              disabled={rules === undefined && !canTurnToRules}
              title={rules === undefined && !canTurnToRules ? 'This condition says more than rules can.' : undefined}
              onClick={turnToRules}
            >
              Rules
            </button>
            <button
              type="button"
              className="segment"
              aria-pressed={rules === undefined}
              aria-current={rules === undefined ? 'true' : undefined}
              onClick={() => {
                if (rules === undefined) return;
                setCondition(isWhole ? writeRules(rules) : condition);
                setRules(undefined);
              }}
            >
              CEL
            </button>
          </div>
          {rules === undefined ? (
            <ConditionInput
              value={condition}
              pickers={conditionPickers(names)}
              hint={
                <>
                  Join with <code>&&</code> (and), <code>||</code> (or), <code>!</code> (not). A trait that is missing is never met.
                </>
              }
              fault={preview.about === condition ? readFault(preview.problem, condition) : undefined}
              onChange={setCondition}
            />
          ) : (
            <>
              <RuleBuilder value={rules} names={names} onChange={setRules} />
              {written === '' ? null : <code className="rule-written wrap-anywhere">{written}</code>}
            </>
          )}
          {segment === undefined ? (
            <label className="choice-option">
              <input type="checkbox" checked={isAnnounced} onChange={(change) => setAnnounced(change.target.checked)} />
              <span>
                Report everybody who is in from the first moment
                <span className="field-hint choice-hint">
                  They count as entered, which starts pipelines. Without it only those who come later do.
                </span>
              </span>
            </label>
          ) : null}
          {task.problem === undefined || readFault(task.problem, written) !== undefined ? null : <Problem problem={task.problem} />}
          <div className="row">
            <button type="submit" className="button button-main" disabled={task.isBusy || !isNameGood || written.trim() === '' || isFaulty}>
              {task.isBusy ? 'Saving…' : segment === undefined ? 'Make the segment' : 'Save'}
            </button>
            <span className="small soft">
              {segment === undefined
                ? 'The log is read once for it; then it follows by itself.'
                : 'With a new condition the old one serves until the new one is prepared.'}
            </span>
          </div>
        </section>
      </div>
      <PreviewPanel preview={preview} />
    </form>
  );
}
