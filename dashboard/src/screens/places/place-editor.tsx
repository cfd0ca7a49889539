import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { PLACE_KINDS, placesApi } from '../../api/customers/places.ts';
import type { PlaceDefinition, PlaceInfo } from '../../api/customers/places.ts';
import { useKnownNames } from '../../api/customers/use-known-names.ts';
import { Choice } from '../../ui/choice.tsx';
import { Icon } from '../../ui/icon.tsx';
import { moved } from '../../ui/move-buttons.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { nameOf } from '../segments/name-of.ts';
import { CandidateEditor } from './candidate-editor.tsx';
import { ContentEditor } from './content-editor.tsx';
import { draftOf, newCandidate, readPlace } from './place-draft.ts';
import type { PlaceDraft } from './place-draft.ts';
import { TryPanel } from './try-panel.tsx';

interface PlaceEditorProps {
  readonly place: PlaceDefinition;
  /** The version that is edited, 0 for a new place. */
  readonly version: number;
  readonly onSaved: (saved: { readonly id: string; readonly version: number; readonly isChanged: boolean }) => void;
}

const STRATEGIES = [
  { value: 'first', text: 'The first that fits', hint: 'By priority, then in this order.' },
  { value: 'weighted', text: 'One of those that fit, by weight', hint: 'To try several: the same person always gets the same.' },
] as const;

/** A place with its candidates, and beside it what somebody would see. */
export function PlaceEditor({ place, version, onSaved }: PlaceEditorProps) {
  const id = useId();
  const isNew = version === 0;
  const [draft, setDraft] = useState<PlaceDraft>(() => draftOf(place, isNew));
  const [isTried, setTried] = useState(false);
  const names = useKnownNames();
  const task = useTask();
  const read = readPlace(draft);
  const { candidates, strategy = 'first' } = draft;
  const change = (parts: Partial<PlaceDraft>): void => setDraft((before) => ({ ...before, ...parts }));

  function save(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    if ('faults' in read) return;
    void task.run(async () => onSaved(await placesApi.save(read.place, version)));
  }
  return (
    <div className="columns">
      <form className="stack" onSubmit={save} noValidate aria-label="Place">
        <section className="panel panel-body stack place-part" aria-label="What it is">
          <div className="field-columns">
            <div className="field">
              <label htmlFor={`${id}-title`}>Title</label>
              <input
                id={`${id}-title`}
                className="input"
                value={draft.title}
                maxLength={120}
                autoComplete="off"
                onChange={(typed) => {
                  const title = typed.target.value;
                  change({ title, ...(isNew && draft.id === nameOf(draft.title) ? { id: nameOf(title) } : {}) });
                }}
              />
            </div>
            <div className="field">
              <label htmlFor={`${id}-id`}>Name by which applications ask</label>
              <input
                id={`${id}-id`}
                className="input mono"
                value={draft.id}
                readOnly={!isNew}
                autoComplete="off"
                spellCheck={false}
                onChange={(typed) => change({ id: typed.target.value })}
              />
            </div>
            <div className="field">
              <label htmlFor={`${id}-kind`}>Kind</label>
              <select
                id={`${id}-kind`}
                className="select"
                value={draft.kind}
                onChange={(picked) => change({ kind: KINDS.find((kind) => kind === picked.target.value) ?? draft.kind })}
              >
                {KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {PLACE_KINDS[kind]}
                  </option>
                ))}
              </select>
            </div>
          </div>
          <Choice legend="Who sees what" value={strategy} options={STRATEGIES} onChange={(chosen) => change({ strategy: chosen })} />
        </section>
        <ol className="stack" aria-label="Candidates">
          {candidates.map((candidate, index) => (
            <CandidateEditor
              key={candidate.key}
              candidate={candidate}
              number={index + 1}
              isLast={index === candidates.length - 1}
              isWeighted={strategy === 'weighted'}
              names={names}
              onChange={(changed) => setDraft((before) => ({ ...before, candidates: before.candidates.with(index, changed) }))}
              onMove={(by) => change({ candidates: moved(candidates, index, by) })}
              onRemove={() => change({ candidates: candidates.filter((each) => each !== candidate) })}
            />
          ))}
        </ol>
        <div className="row">
          <button
            type="button"
            className="button"
            disabled={candidates.length >= MOST_CANDIDATES}
            onClick={() => change({ candidates: [...candidates, newCandidate(candidates)] })}
          >
            <Icon name="plus" />
            Another candidate
          </button>
        </div>
        <section className="panel" aria-label="Fallback">
          <div className="panel-head">
            <h2>Fallback</h2>
            <span className="small soft">when nothing else fits, or nobody is known</span>
          </div>
          <div className="panel-body">
            <ContentEditor of="the fallback" value={draft.fallback} onChange={(fallback) => change({ fallback })} />
          </div>
        </section>
        {isTried && 'faults' in read ? (
          <ul className="stack-tight" role="alert">
            {read.faults.map((fault) => (
              <li key={fault} className="field-fault">
                <Icon name="alert" isSmall />
                {fault}
              </li>
            ))}
          </ul>
        ) : null}
        {task.problem === undefined ? null : task.problem.details?.['field'] === 'basedOn' ? (
          <p className="notice" role="alert">
            Somebody else has saved this place meanwhile: version {JSON.stringify(task.problem.details['version'])} is in force. Keep what
            you need of yours, then load this page again.
          </p>
        ) : (
          <Problem problem={task.problem} />
        )}
        <div className="row">
          <button type="submit" className="button button-main" disabled={task.isBusy}>
            {task.isBusy ? 'Saving…' : isNew ? 'Make the place' : 'Save'}
          </button>
          <span className="small soft">It is in force at once. Former versions are kept.</span>
        </div>
      </form>
      <TryPanel place={'place' in read ? read.place : undefined} />
    </div>
  );
}

const MOST_CANDIDATES = 50;
const KINDS = Object.keys(PLACE_KINDS) as readonly PlaceInfo['kind'][];
