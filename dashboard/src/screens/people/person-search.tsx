import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { navigate } from '../../routing/router.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { findPerson } from './find-person.ts';

/** Goes to a person by address, number or id. */
export function PersonSearch() {
  const [typed, setTyped] = useState('');
  const [isMissing, setMissing] = useState(false);
  const task = useTask();
  function look(event: SubmitEvent): void {
    event.preventDefault();
    setMissing(false);
    void task.run(async () => {
      const found = await findPerson(typed);
      if (found === undefined) setMissing(true);
      else navigate(`/people/${encodeURIComponent(found.id)}`);
    });
  }
  return (
    <>
      <form className="toolbar" role="search" onSubmit={look}>
        <span className="field-with-button person-find">
          <input
            className="input"
            aria-label="Find a person by e-mail address, phone number or id"
            placeholder="E-mail address, phone number or id"
            value={typed}
            autoComplete="off"
            onChange={(change) => {
              setTyped(change.target.value);
              setMissing(false);
            }}
          />
          <button type="submit" className="button" disabled={typed.trim() === '' || task.isBusy}>
            {task.isBusy ? 'Looking…' : 'Find'}
          </button>
        </span>
        <span className="small soft" role="status">
          {isMissing ? 'Nobody is known by that. The whole address or id is needed.' : ''}
        </span>
      </form>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
    </>
  );
}
