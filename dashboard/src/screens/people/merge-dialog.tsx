import { useState } from 'react';
import { peopleApi } from '../../api/customers/people.ts';
import type { Profile } from '../../api/customers/people.ts';
import { useResource } from '../../api/use-resource.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { namePerson } from '../../ui/person-name.ts';
import { Problem } from '../../ui/problem.tsx';
import { SkeletonList } from '../../ui/skeleton.tsx';
import { useTask } from '../../ui/use-task.ts';
import { findDoubts, mergeConsent, mergeTraits } from './merge-preview.ts';
import { tell } from './person-facts.ts';
import { PersonFinder } from './person-finder.tsx';

interface MergeDialogProps {
  readonly into: Profile;
  readonly onClose: () => void;
  readonly onMerged: (isVisible: boolean) => void;
}

/** Joins another person to this one: found by address, number or id, shown as it would be, then done. */
export function MergeDialog({ into, onClose, onMerged }: MergeDialogProps) {
  const [found, setFound] = useState<Profile | null | undefined>(undefined);
  const [reason, setReason] = useState('');
  const task = useTask();
  const isSame = found?.id === into.id;

  function merge(from: Profile): void {
    void task.run(async () => {
      const { isVisible } = await peopleApi.merge(into.id, from.id, reason.trim() === '' ? undefined : reason.trim());
      onMerged(isVisible);
      onClose();
    });
  }

  return (
    <Dialog className="dialog dialog-wide" label="Merge with another person" onClose={onClose}>
      <h2>Merge with another person</h2>
      <PersonFinder label={`Who else is ${namePerson(into.traits, into.id)}?`} onFound={setFound} />
      <div role="status" className="small soft">
        {found === null ? 'Nobody is known by that. Look at the spelling; the whole address or id is needed.' : ''}
        {isSame ? 'That is this person already.' : ''}
      </div>
      {found === null || found === undefined || isSame ? null : (
        <>
          <Preview into={into} from={found} />
          <label className="field">
            <span className="field-label">Why (for whoever looks later)</span>
            <input
              className="input"
              value={reason}
              maxLength={500}
              autoComplete="off"
              onChange={(change) => setReason(change.target.value)}
            />
          </label>
        </>
      )}
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
      <div className="row">
        <button type="button" className="button" onClick={onClose}>
          Not now
        </button>
        <button
          type="button"
          className="button button-main"
          disabled={found === null || found === undefined || isSame || task.isBusy}
          onClick={() => {
            if (found !== null && found !== undefined) merge(found);
          }}
        >
          {task.isBusy ? 'One moment…' : 'Merge them'}
        </button>
      </div>
    </Dialog>
  );
}

/** What two people would be as one. */
function Preview({ into, from }: { readonly into: Profile; readonly from: Profile }) {
  const histories = useResource(`histories:${into.id}:${from.id}`, async (signal) => {
    const [left, right] = await Promise.all([peopleApi.history(into.id, undefined, signal), peopleApi.history(from.id, undefined, signal)]);
    return { into: left, from: right };
  });
  if (histories.value === undefined)
    return histories.problem === undefined ? (
      <SkeletonList lines={4} />
    ) : (
      <Problem problem={histories.problem} onRetry={histories.reload} />
    );
  const consent = Object.entries(mergeConsent(into, from));
  return (
    <div className="stack-tight">
      {findDoubts(into, from).map((doubt) => (
        <p key={doubt} className="notice">
          {doubt}
        </p>
      ))}
      <p className="small soft">
        As one: {String(into.identities.length + from.identities.length)} identities, {namePerson(from.traits, from.id)} joined. Where both
        say something else, the newer statement wins. It can be undone.
      </p>
      <div className="table-scroll merge-preview" tabIndex={0} role="region" aria-label="What both would be as one">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">As one</th>
              <th scope="col">Instead of</th>
            </tr>
          </thead>
          <tbody>
            {mergeTraits(into, from, histories.value).map(({ name, value, other, from: source }) => (
              <tr key={name}>
                <td className="wrap-anywhere">{name}</td>
                <td className="wrap-anywhere">
                  {tell(value)} {source === 'from' ? <span className="chip">joined</span> : null}
                </td>
                <td className="soft wrap-anywhere">{other === undefined ? '' : tell(other)}</td>
              </tr>
            ))}
            {consent.map(([category, said]) => (
              <tr key={`consent ${category}`}>
                <td>Consent to {category}</td>
                <td>
                  <span className={`chip ${said === 'granted' ? 'chip-good' : 'chip-bad'}`}>
                    <Icon name={said === 'granted' ? 'check' : 'cross'} isSmall />
                    {said === 'granted' ? 'agreed' : 'refused'}
                  </span>
                </td>
                <td className="soft">{into.consent[category] === from.consent[category] ? '' : 'the stricter of both'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
