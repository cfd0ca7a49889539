import type { Instant, WouldCall } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { tellDuration, toMs } from '../../ui/instant.ts';
import { Part } from '../../ui/part.tsx';

const EFFECTS: Readonly<Record<WouldCall['effect'], string>> = { read: 'reads', write: 'writes', send: 'sends', spend: 'spends' };
const ANSWERS: Readonly<Record<WouldCall['answeredBy'], string>> = {
  action: 'really asked',
  case: 'answer of the case',
  example: 'answer: an example of the plugin',
  schema: 'answer: made from its schema',
};

/** A moment seen from the start, in words. */
export function tellAfter(ms: number): string {
  return ms === 0 ? 'at once' : `after ${tellDuration(ms)}`;
}

interface WouldCallsProps {
  readonly calls: readonly WouldCall[];
  readonly label: string;
  readonly startedAt: Instant;
}

/** Calls that a run without effects would have made. */
export function WouldCalls({ calls, label, startedAt }: WouldCallsProps) {
  return (
    <ol className="would-calls" aria-label={label}>
      {calls.map((call, index) => (
        // A step in a loop makes the same call at the same path more than once.
        <li key={index} className="would-call">
          <p className="row">
            <strong className="mono wrap-anywhere">{call.action}</strong>
            <span className={`chip ${call.effect === 'read' ? '' : 'chip-busy'}`}>{EFFECTS[call.effect]}</span>
            {call.cost === undefined ? null : (
              <span className="chip">
                {call.cost.amount} {call.cost.currency}
              </span>
            )}
          </p>
          {call.heldBack === undefined ? null : (
            <p className="would-held">
              <Icon name="pause" isSmall /> Would be held back: {call.heldBack}
            </p>
          )}
          <p className="small soft">
            {call.connection === undefined ? '' : `over ${call.connection} · `}
            {tellAfter(toMs(call.at) - toMs(startedAt))} · {ANSWERS[call.answeredBy]}
          </p>
          <Part title="In" value={call.input} />
          <Part title="Out" value={call.output} />
        </li>
      ))}
    </ol>
  );
}
