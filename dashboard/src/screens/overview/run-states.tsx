import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { tellCount } from '../../ui/number.ts';
import { StateChip, toneOfState } from '../../ui/state-chip.tsx';

const ORDER = ['running', 'sleeping', 'succeeded', 'needs_approval', 'needs_review', 'blocked', 'failed', 'stopped', 'cancelled'];

/** Runs by state: a bar of their shares, and each with its number. */
export function RunStates({ runs }: { readonly runs: Readonly<Record<string, number>> }) {
  const states = Object.keys(runs)
    .filter((state) => (runs[state] ?? 0) > 0)
    .toSorted((left, right) => rank(left) - rank(right));
  return (
    <section className="panel" aria-labelledby="run-states-title">
      <div className="panel-head">
        <h2 id="run-states-title">Runs</h2>
        <Link href="/runs" className="small">
          All runs
        </Link>
      </div>
      {states.length === 0 ? (
        <Empty icon="runs" title="No run yet">
          A run starts when an event matches a pipeline’s trigger.
        </Empty>
      ) : (
        <div className="panel-body">
          <div className="share-bar" aria-hidden="true">
            {states.map((state) => (
              <span key={state} className={`share share-${toneOfState(state)}`} style={{ flexGrow: Math.sqrt(runs[state] ?? 0) }} />
            ))}
          </div>
          <ul className="state-list">
            {states.map((state) => (
              <li key={state}>
                <Link href={`/runs?state=${state}`} className="state-link">
                  <StateChip state={state} />
                  <span className="number">{tellCount(runs[state] ?? 0)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function rank(state: string): number {
  const index = ORDER.indexOf(state);
  return index === -1 ? ORDER.length : index;
}
