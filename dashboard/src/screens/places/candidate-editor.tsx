import { useId } from 'react';
import type { KnownNames } from '../../api/customers/use-known-names.ts';
import { MoveButtons } from '../../ui/move-buttons.tsx';
import { nameOf } from '../segments/name-of.ts';
import { CandidateLimits } from './candidate-limits.tsx';
import { ContentEditor } from './content-editor.tsx';
import type { CandidateDraft } from './place-draft.ts';
import { RuleInput } from './rule-input.tsx';

interface CandidateEditorProps {
  readonly candidate: CandidateDraft;
  readonly number: number;
  readonly isLast: boolean;
  /** One is drawn among those that fit. */
  readonly isWeighted: boolean;
  readonly names: KnownNames;
  readonly onChange: (candidate: CandidateDraft) => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onRemove: () => void;
}

/** One candidate: what it shows, for whom, how often. */
export function CandidateEditor({ candidate, number, isLast, isWeighted, names, onChange, onMove, onRemove }: CandidateEditorProps) {
  const id = useId();
  const { title = '', content, when, isSaved } = candidate;
  const which = title.trim() || `candidate ${String(number)}`;
  return (
    <li className="panel" aria-label={which}>
      <div className="panel-head">
        <h2>{title.trim() || candidate.id}</h2>
        <MoveButtons what={which} isFirst={number === 1} isLast={isLast} onMove={onMove} onRemove={onRemove} />
      </div>
      <div className="panel-body stack">
        <div className="field-columns">
          <div className="field">
            <label htmlFor={`${id}-title`}>Title of {`candidate ${String(number)}`}</label>
            <input
              id={`${id}-title`}
              className="input"
              value={title}
              maxLength={120}
              autoComplete="off"
              onChange={(change) => {
                const typed = change.target.value;
                const follows =
                  !isSaved && (candidate.id === nameOf(title) || /^candidate_\d+$/.test(candidate.id)) && nameOf(typed) !== '';
                onChange({ ...candidate, title: typed, ...(follows ? { id: nameOf(typed) } : {}) });
              }}
            />
          </div>
          <div className="field">
            <label htmlFor={`${id}-id`}>Its name in results</label>
            <input
              id={`${id}-id`}
              className="input mono"
              value={candidate.id}
              readOnly={isSaved}
              autoComplete="off"
              spellCheck={false}
              onChange={(change) => onChange({ ...candidate, id: change.target.value })}
            />
          </div>
        </div>
        <ContentEditor of={which} value={content} onChange={(changed) => onChange({ ...candidate, content: changed })} />
        <RuleInput of={which} value={when} names={names} onChange={(changed) => onChange({ ...candidate, when: changed })} />
        <CandidateLimits candidate={candidate} isWeighted={isWeighted} onChange={onChange} />
      </div>
    </li>
  );
}
