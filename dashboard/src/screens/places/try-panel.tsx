import { useId, useState } from 'react';
import { placesApi } from '../../api/customers/places.ts';
import type { PlaceDecision, PlaceDefinition } from '../../api/customers/places.ts';
import type { Profile } from '../../api/customers/people.ts';
import { useAsked } from '../../api/use-asked.ts';
import { Link } from '../../routing/link.tsx';
import { JsonInput, readObject } from '../../ui/json-input.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { namePerson } from '../../ui/person-name.ts';
import { Problem } from '../../ui/problem.tsx';
import { PersonFinder } from '../people/person-finder.tsx';

const OUTCOMES: Readonly<Record<string, string>> = {
  chosen: 'Chosen',
  held_out: 'Held out',
  passed_over: 'Another was drawn',
  excluded: 'Not wanted',
  not_begun: 'Not yet',
  over: 'Over',
  shown_enough: 'Shown enough',
  not_met: 'Does not fit',
  not_known: 'Not known',
  failed: 'Rule fails',
};

/** What somebody would see at a place as it stands here, saved or not. @param place missing while something is not filled in */
export function TryPanel({ place }: { readonly place: PlaceDefinition | undefined }) {
  const id = useId();
  const [person, setPerson] = useState<Profile | null | undefined>(undefined);
  const [context, setContext] = useState('{ "page": "/" }');
  const said = readObject(context).value;
  const about = place === undefined || !person || said === undefined ? '' : JSON.stringify([place, person.id, said]);
  const preview = useAsked(about, (signal) => {
    const [asked, whom, given] = JSON.parse(about) as [PlaceDefinition, string, NonNullable<typeof said>];
    return placesApi.preview(asked, { person: whom, context: given }, signal);
  });
  const { answer, problem, isLoading } = preview;
  return (
    <section className="panel try-panel" aria-labelledby={id} aria-busy={isLoading}>
      <div className="panel-head">
        <h2 id={id}>Decide for…</h2>
        <span className="small faint" role="status">
          {isLoading ? 'Deciding…' : ''}
        </span>
      </div>
      <div className="panel-body stack">
        <PersonFinder label="Somebody" onFound={setPerson} />
        <JsonInput
          id={`${id}-context`}
          label="Context"
          hint="What rules read as context: whatever the caller says."
          rows={2}
          value={context}
          onChange={setContext}
        />
        <p className="small soft" role="status">
          {person === undefined
            ? 'Find somebody to see what they would be shown, and why. Nothing is kept or counted.'
            : person === null
              ? 'Nobody is known by that. The whole address or id is needed.'
              : place === undefined
                ? 'Something is not filled in yet.'
                : ''}
        </p>
        {problem === undefined || about === '' ? null : <Problem problem={problem} />}
        {answer === undefined || problem !== undefined || about === '' ? null : (
          <div className={`stack-tight${isLoading ? ' is-stale' : ''}`}>
            {answer.problems.length > 0 ? <p className="small soft">A rule has a fault: correct it to see what would be shown.</p> : null}
            {answer.decision === undefined || !person ? null : <Decision decision={answer.decision} person={person} place={place} />}
          </div>
        )}
      </div>
    </section>
  );
}

interface DecisionProps {
  readonly decision: PlaceDecision;
  readonly person: Profile;
  readonly place: PlaceDefinition | undefined;
}

function Decision({ decision, person, place }: DecisionProps) {
  const { candidate, content, considered, reason } = decision;
  const titleOf = (id: string): string => place?.candidates.find((each) => each.id === id)?.title ?? id;
  return (
    <>
      <p>
        <Link href={`/people/${encodeURIComponent(person.id)}`}>{namePerson(person.traits, person.id)}</Link> sees{' '}
        <strong>{candidate === null ? 'the fallback' : titleOf(candidate)}</strong>.
      </p>
      <JsonView value={content} label="What is shown" />
      {considered.length === 0 ? (
        <p className="small soft wrap-anywhere">{reason}</p>
      ) : (
        <ol className="considered" aria-label="Candidates that were looked at">
          {considered.map(({ candidate: id, outcome, why }) => (
            <li key={id}>
              <span className="row-between">
                <b className="wrap-anywhere">{titleOf(id)}</b>
                <span className={`chip ${outcome === 'chosen' ? 'chip-good' : outcome === 'failed' ? 'chip-bad' : ''}`}>
                  {OUTCOMES[outcome] ?? outcome}
                </span>
              </span>
              <span className="small soft wrap-anywhere">{why}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
