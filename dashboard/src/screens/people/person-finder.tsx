import { useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Profile } from '../../api/customers/people.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { findPerson } from './find-person.ts';

interface PersonFinderProps {
  readonly label: string;
  /** Told who was found, or `null` for nobody. */
  readonly onFound: (found: Profile | null) => void;
}

/** Looks somebody up by address, number or id, for what is to be done with them here. */
export function PersonFinder({ label, onFound }: PersonFinderProps) {
  const [typed, setTyped] = useState('');
  const search = useTask();
  function look(event: SubmitEvent): void {
    event.preventDefault();
    void search.run(async () => onFound((await findPerson(typed)) ?? null));
  }
  return (
    <>
      <form onSubmit={look}>
        <label className="field">
          <span className="field-label">{label}</span>
          <span className="field-with-button">
            <input
              className="input"
              value={typed}
              autoComplete="off"
              placeholder="E-mail address, phone number or id"
              onChange={(change) => setTyped(change.target.value)}
            />
            <button type="submit" className="button" disabled={typed.trim() === '' || search.isBusy}>
              {search.isBusy ? 'Looking…' : 'Find'}
            </button>
          </span>
        </label>
      </form>
      {search.problem === undefined ? null : <Problem problem={search.problem} />}
    </>
  );
}
