import { useState } from 'react';
import { peopleApi } from '../../api/customers/people.ts';
import type { Merge, PersonHalf } from '../../api/customers/people.ts';
import { useResource } from '../../api/use-resource.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { namePerson } from '../../ui/person-name.ts';
import { groupIdentities, tell } from './person-facts.ts';
import { tellReason } from './timeline-words.ts';

/** Who was joined to become this person, by what evidence; each can be undone. */
export function Merges({ person, onChanged }: { readonly person: string; readonly onChanged: (said: string) => void }) {
  const merges = useResource(`merges:${person}`, (signal) => peopleApi.merges(person, signal));
  const [undoing, setUndoing] = useState<Merge | undefined>(undefined);
  return (
    <section className="panel" aria-labelledby="merges-title">
      <div className="panel-head">
        <h2 id="merges-title">Merges</h2>
        <span className="small faint number">{merges.value?.items.length}</span>
      </div>
      <Loaded resource={merges} skeletonLines={2}>
        {({ items, apart }) => (
          <>
            {items.length === 0 ? (
              <p className="panel-body small soft">Nobody was joined to this person. All of it was always one.</p>
            ) : (
              <ul className="merge-list">
                {items.map((merge) => (
                  <MergeLine key={merge.link} merge={merge} onUndo={() => setUndoing(merge)} />
                ))}
              </ul>
            )}
            {apart.length === 0 ? null : (
              <p className="panel-body small soft">
                {apart.length === 1 ? 'One pair was taken apart. It stays' : `${String(apart.length)} pairs were taken apart. They stay`} so
                unless somebody joins them again.
              </p>
            )}
          </>
        )}
      </Loaded>
      {undoing === undefined ? null : (
        <UndoMerge
          merge={undoing}
          onClose={() => setUndoing(undefined)}
          onUndone={(isVisible) => {
            merges.reload();
            onChanged(
              isVisible ? 'The merge is undone. Both are people of their own again.' : 'The merge is being undone: it shows in a moment.',
            );
          }}
        />
      )}
    </section>
  );
}

function MergeLine({ merge, onUndo }: { readonly merge: Merge; readonly onUndo: () => void }) {
  const leaving = merge.undoing?.leaving;
  return (
    <li className="merge-line">
      <div className="merge-what">
        <span className={merge.isUndone ? 'faint' : undefined}>
          <b className="wrap-anywhere">{namePerson(leaving?.traits ?? {}, merge.from)}</b> joined: {tellReason(merge.reason)}
        </span>
        {leaving === undefined ? null : (
          <span className="soft wrap-anywhere">
            with{' '}
            {groupIdentities(leaving.identities)
              .flatMap(([kind, values]) => values.map((value) => `${kind} ${value}`))
              .join(', ')}
          </span>
        )}
        {merge.evidence === undefined ? null : <span className="soft wrap-anywhere">{merge.evidence}</span>}
        <span className="faint">
          {merge.isUndone ? (
            <>
              undone <Moment at={merge.undoneAt} />
              {merge.undoneReason === undefined ? '' : `: ${merge.undoneReason}`}
            </>
          ) : (
            <Moment at={merge.at} />
          )}
        </span>
      </div>
      {merge.undoing === undefined ? null : (
        <button type="button" className="button" onClick={onUndo}>
          <Icon name="undo" />
          Undo<span className="visually-hidden"> the merge with {merge.from}</span>
        </button>
      )}
    </li>
  );
}

interface UndoMergeProps {
  readonly merge: Merge;
  readonly onClose: () => void;
  readonly onUndone: (isVisible: boolean) => void;
}

/** Says what comes apart before it does. */
function UndoMerge({ merge, onClose, onUndone }: UndoMergeProps) {
  const [reason, setReason] = useState('');
  const { undoing } = merge;
  return (
    <Confirm
      title="Take these two apart?"
      action="Undo the merge"
      isWide
      onClose={onClose}
      onConfirm={async () => {
        const { isVisible } = await peopleApi.unmerge(merge.link, reason.trim() === '' ? undefined : reason.trim());
        onUndone(isVisible);
      }}
    >
      <p>
        Each gets back what was said of them, and their own events. They are not joined again by the same evidence; somebody can still join
        them by hand.
      </p>
      {undoing === undefined ? null : (
        <div className="halves">
          <Half title="Stays" id={merge.into} half={undoing.staying} other={undoing.leaving} />
          <Half title="Becomes its own again" id={merge.from} half={undoing.leaving} other={undoing.staying} />
        </div>
      )}
      <label className="field">
        <span className="field-label">Why (for whoever looks later)</span>
        <input className="input" value={reason} maxLength={500} autoComplete="off" onChange={(change) => setReason(change.target.value)} />
      </label>
    </Confirm>
  );
}

const TRAITS_MOST = 8;

function Half({
  title,
  id,
  half,
  other,
}: {
  readonly title: string;
  readonly id: string;
  readonly half: PersonHalf;
  readonly other: PersonHalf;
}) {
  // What differs between the two comes first: it is what one has to look at.
  const traits = Object.entries(half.traits).toSorted(
    ([left], [right]) => Number(isSame(left, half, other)) - Number(isSame(right, half, other)),
  );
  return (
    <section className="half" aria-label={title}>
      <h3>{title}</h3>
      <p className="half-name wrap-anywhere">{namePerson(half.traits, id)}</p>
      <dl className="facts">
        {groupIdentities(half.identities).map(([kind, values]) => (
          <HalfFact key={kind} name={kind} value={values.join(', ')} />
        ))}
        {traits.slice(0, TRAITS_MOST).map(([name, value]) => (
          <HalfFact key={`trait ${name}`} name={name} value={tell(value)} isOther={!isSame(name, half, other)} />
        ))}
      </dl>
      <p className="faint">
        {traits.length > TRAITS_MOST ? `And ${String(traits.length - TRAITS_MOST)} traits more. ` : ''}
        Seen from <Moment at={half.firstSeenAt} /> to <Moment at={half.lastSeenAt} />
      </p>
    </section>
  );
}

function HalfFact({ name, value, isOther = false }: { readonly name: string; readonly value: string; readonly isOther?: boolean }) {
  return (
    <>
      <dt className="wrap-anywhere">{name}</dt>
      <dd className={isOther ? 'differs' : undefined}>{value}</dd>
    </>
  );
}

function isSame(trait: string, half: PersonHalf, other: PersonHalf): boolean {
  return JSON.stringify(half.traits[trait]) === JSON.stringify(other.traits[trait]);
}
