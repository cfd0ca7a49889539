import type { Json, JsonObject } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellPlural } from '../../ui/number.ts';
import { readHistory, tell } from './person-facts.ts';
import type { TraitValue } from './person-facts.ts';

/** What is known of a person, each trait with the values it had and where they came from. */
export function Traits({ traits, history }: { readonly traits: JsonObject; readonly history: Json | undefined }) {
  const byTrait = readHistory(history);
  const entries = Object.entries(traits);
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
                <span className="trait-name wrap-anywhere">{name}</span>
                <div className="wrap-anywhere">
                  {tell(value)}
                  <History values={byTrait.get(name) ?? []} />
                </div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function History({ values }: { readonly values: readonly TraitValue[] }) {
  if (values.length === 0) return null;
  return (
    <details className="trait-history">
      <summary>{tellPlural(values.length, 'value')} over time</summary>
      <ol>
        {values.map(({ value, at, source }, index) => (
          <li key={index}>
            {tell(value)}
            <span className="faint">
              {source === '' ? null : ` from ${source}`} {at === undefined ? null : <Moment at={at} />}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}
