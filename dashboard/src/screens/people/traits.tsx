import { useState } from 'react';
import { peopleApi } from '../../api/customers/people.ts';
import type { FormerValue } from '../../api/customers/people.ts';
import { useResource } from '../../api/use-resource.ts';
import type { JsonObject } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tell } from './person-facts.ts';

interface TraitsProps {
  readonly person: string;
  readonly traits: JsonObject;
  /** Names of those that Tendril makes of events. */
  readonly computed: ReadonlySet<string>;
}

/** What is known of a person: each trait with since when, and on demand the values that it had and which event said so. */
export function Traits({ person, traits, computed }: TraitsProps) {
  const entries = Object.entries(traits).toSorted(([left], [right]) => Number(computed.has(left)) - Number(computed.has(right)));
  // The page is right without it: it adds since when a value holds, and by which event.
  const history = useResource(`history:${person}`, (signal) => peopleApi.history(person, undefined, signal));
  return (
    <section className="panel" aria-labelledby="traits-title">
      <div className="panel-head">
        <h2 id="traits-title">Traits</h2>
        <span className="small faint number">{entries.length}</span>
      </div>
      {entries.length === 0 ? (
        <Empty icon="people" title="Nothing is known yet">
          An identify call brings traits.
        </Empty>
      ) : (
        <ul className="trait-list">
          {entries.map(([name, value]) => (
            <li key={name}>
              <div className="trait-line">
                <span className="trait-name wrap-anywhere">
                  {name}
                  {computed.has(name) ? <span className="chip chip-rest trait-computed">computed</span> : null}
                </span>
                <div className="wrap-anywhere">
                  {tell(value)}
                  <TraitHistory values={history.value?.[name] ?? []} />
                </div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function TraitHistory({ values }: { readonly values: readonly FormerValue[] }) {
  const [isOpen, setOpen] = useState(false);
  const current = values.at(-1);
  if (current === undefined) return null;
  return (
    <details className="trait-history" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        since <Moment at={current.since} />
        {values.length > 1 ? `, ${String(values.length - 1)} before` : ''}
      </summary>
      {isOpen ? (
        <ol>
          {values.toReversed().map(({ value, since, source }) => (
            <li key={source + String(since)}>
              {tell(value)}{' '}
              <span className="faint">
                since <Moment at={since} />, by event <code className="wrap-anywhere">{source}</code>
              </span>
            </li>
          ))}
        </ol>
      ) : null}
    </details>
  );
}
