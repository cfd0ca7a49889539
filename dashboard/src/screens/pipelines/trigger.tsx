import type { JsonObject } from '../../api/types.ts';
import { tellTrigger } from './trigger-words.ts';

/** What starts a pipeline, in a line. */
export function Trigger({ trigger }: { readonly trigger: JsonObject }) {
  const { kind, name, where, notes } = tellTrigger(trigger);
  return (
    <span className="wrap-anywhere">
      {kind === 'Event' ? null : <span className="trigger-kind">{kind} </span>}
      <span className="trigger-event">{name}</span>
      {where === '' ? null : (
        <>
          {' '}
          <span className="faint">where</span> <code>{where}</code>
        </>
      )}
      {notes.length === 0 ? null : <span className="faint"> {notes.join(' · ')}</span>}
    </span>
  );
}
