import { useId, useState } from 'react';
import { segmentsApi } from '../../api/customers/segments.ts';
import type { SegmentReason } from '../../api/customers/segments.ts';
import { useResource } from '../../api/use-resource.ts';
import { Icon } from '../../ui/icon.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tell } from './person-facts.ts';

/** Why somebody is in a segment, or is not. */
export function PersonSegments({ person, isIn }: { readonly person: string; readonly isIn: readonly string[] }) {
  const id = useId();
  const segments = useResource('segments', (signal) => segmentsApi.list(signal));
  const [chosen, setChosen] = useState('');
  const items = segments.value ?? [];
  if (items.length === 0) return null;
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>Why in a segment, or why not?</h2>
      </div>
      <div className="panel-body stack-tight">
        <select className="select" aria-label="Segment" value={chosen} onChange={(change) => setChosen(change.target.value)}>
          <option value="">Choose a segment…</option>
          {items.map(({ name, title }) => (
            <option key={name} value={name}>
              {`${title || name}: ${isIn.includes(name) ? 'in' : 'not in'}`}
            </option>
          ))}
        </select>
        {chosen === '' ? null : <Why key={chosen} segment={chosen} person={person} />}
      </div>
    </section>
  );
}

function Why({ segment, person }: { readonly segment: string; readonly person: string }) {
  const reason = useResource(`why:${segment}:${person}`, (signal) => segmentsApi.why(segment, person, signal));
  return (
    <Loaded resource={reason} skeletonLines={3}>
      {(value) => <Reason reason={value} />}
    </Loaded>
  );
}

function Reason({ reason }: { readonly reason: SegmentReason }) {
  const { isMember, holdsNow, joinedBy, clauses, events, since } = reason;
  return (
    <div className="stack-tight small">
      <p>
        <span className={`chip ${isMember ? 'chip-good' : ''}`}>
          <Icon name={isMember ? 'check' : 'cross'} isSmall />
          {isMember ? 'In' : 'Not in'}
        </span>{' '}
        <span className="soft">
          {since === undefined ? '' : 'since '}
          {since === undefined ? null : <Moment at={since} />}
          {clauses.length > 1 ? (joinedBy === '&&' ? ' All of these have to hold:' : ' One of these has to hold:') : ''}
        </span>
      </p>
      {holdsNow === isMember ? null : (
        <p className="soft">
          {holdsNow ? 'The condition holds by now' : 'The condition no longer holds'}: it shows with the next tick of the clock.
        </p>
      )}
      <ul className="clause-list" aria-label="Clauses">
        {clauses.map((clause) => (
          <li key={clause.condition} className={clause.holds ? 'clause clause-holds' : 'clause'}>
            <Icon name={clause.holds ? 'check' : 'cross'} isSmall />
            <div className="stack-tight">
              <code className="wrap-anywhere">{clause.condition}</code>
              <span className="visually-hidden">{clause.holds ? 'holds' : 'does not hold'}</span>
              <ul className="soft">
                {clause.values.map(({ expression, value }) => (
                  <li key={expression} className="wrap-anywhere">
                    <code>{expression}</code> is {tell(value)}
                  </li>
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ul>
      {events.length === 0 ? null : (
        <details>
          <summary>{events.length === 1 ? 'The event that counts' : `The ${String(events.length)} events that count`}</summary>
          <ul className="stack-tight clause-events">
            {events.map((event) => (
              <li key={event.id + event.countsFor}>
                {event.name}{' '}
                <span className="faint">
                  <Moment at={event.occurredAt} />, for <code>{event.countsFor}</code>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
