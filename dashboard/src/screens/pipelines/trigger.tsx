import type { JsonObject } from '../../api/types.ts';
import { text } from '../../ui/person-name.ts';
import { tell } from '../people/person-facts.ts';

/** What starts a pipeline, in a line. */
export function Trigger({ trigger }: { readonly trigger: JsonObject }) {
  const event = text(trigger['event']);
  const where = text(trigger['where']);
  if (event === '')
    return (
      <span className="mono">
        {Object.entries(trigger)
          .map(([key, value]) => `${key}: ${tell(value)}`)
          .join(', ')}
      </span>
    );
  return (
    <span>
      <span className="trigger-event">{event}</span>
      {where === '' ? null : (
        <>
          {' '}
          <span className="faint">where</span> <code>{where}</code>
        </>
      )}
    </span>
  );
}
