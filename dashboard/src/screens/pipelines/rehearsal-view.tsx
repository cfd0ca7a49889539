import { useState } from 'react';
import type { Rehearsal, RehearsedRun } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { tellAbsolute, toMs } from '../../ui/instant.ts';
import { tellCount, tellPlural } from '../../ui/number.ts';
import { StateChip } from '../../ui/state-chip.tsx';
import { nameNotStarted } from './start-words.ts';
import { WouldCalls } from './would-calls.tsx';

const SHOWN_FIRST = 20;

/** What a pipeline would have done over a part of the log. */
export function RehearsalView({ rehearsal }: { readonly rehearsal: Rehearsal }) {
  const { events, matched, notStarted, byState, caveats, runs } = rehearsal;
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? runs : runs.slice(0, SHOWN_FIRST);
  const reasons = Object.entries(notStarted).filter(([, count]) => count > 0);
  return (
    <>
      <section className="panel" aria-labelledby="rehearsed-title">
        <div className="panel-head">
          <h2 id="rehearsed-title">
            {tellPlural(matched, 'run')} from {tellPlural(events, 'event')}
          </h2>
          <span className="small faint">
            {tellAbsolute(toMs(rehearsal.from))} to {tellAbsolute(toMs(rehearsal.to))}
          </span>
        </div>
        <div className="panel-body stack">
          <ul className="row" aria-label="How the runs would have ended">
            {Object.entries(byState).map(([state, count]) => (
              <li key={state} className="row">
                <StateChip state={state} /> <span className="number small">{tellCount(count)}</span>
              </li>
            ))}
          </ul>
          {reasons.length === 0 ? null : (
            <div className="stack-tight">
              <h3>Started nothing</h3>
              <dl className="facts">
                {reasons.map(([code, count]) => (
                  <Reason key={code} code={code} count={count} />
                ))}
              </dl>
            </div>
          )}
          <Actions rehearsal={rehearsal} />
          {caveats.length === 0 ? null : (
            <div className="stack-tight">
              <h3>What could not be known</h3>
              <ul className="caveats">
                {caveats.map((caveat) => (
                  <li key={caveat}>{caveat}</li>
                ))}
              </ul>
            </div>
          )}
        </div>
      </section>
      <section className="panel" aria-labelledby="reached-title">
        <div className="panel-head">
          <h2 id="reached-title">Who would have been reached</h2>
          {runs.length < matched ? <span className="small faint">the first {tellCount(runs.length)}</span> : null}
        </div>
        {runs.length === 0 ? (
          <Empty icon="people" title="Nobody">
            No stored event of that time fits the trigger. Look further back, or at the reasons above.
          </Empty>
        ) : (
          <ol className="simulated">
            {shown.map((run) => (
              <Rehearsed key={run.eventId} run={run} />
            ))}
          </ol>
        )}
        {shown.length === runs.length ? null : (
          <div className="more">
            <button type="button" className="button" onClick={() => setWhole(true)}>
              Show {tellCount(runs.length)}
            </button>
          </div>
        )}
      </section>
    </>
  );
}

function Reason({ code, count }: { readonly code: string; readonly count: number }) {
  return (
    <>
      <dt className="number">{tellCount(count)}</dt>
      <dd>{nameNotStarted(code)}</dd>
    </>
  );
}

function Actions({ rehearsal: { actions } }: { readonly rehearsal: Rehearsal }) {
  if (actions.length === 0) return null;
  return (
    <div className="table-scroll">
      <table className="table ask-table">
        <thead>
          <tr>
            <th scope="col">Action</th>
            <th scope="col" className="end">
              Calls
            </th>
            <th scope="col" className="end">
              People
            </th>
            <th scope="col" className="end">
              Held back
            </th>
            <th scope="col" className="end">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {actions.map(({ action, effect, calls, people, heldBack, cost }) => (
            <tr key={action}>
              <td>
                <span className="mono wrap-anywhere">{action}</span> <span className="faint">{effect}</span>
              </td>
              <td className="end number">{tellCount(calls)}</td>
              <td className="end number">{tellCount(people)}</td>
              <td className="end number">{tellCount(heldBack)}</td>
              <td className="end number">
                {Object.entries(cost ?? {})
                  .map(([currency, amount]) => `${tellCount(amount)} ${currency}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Rehearsed({ run }: { readonly run: RehearsedRun }) {
  const effects = run.calls.filter(({ effect }) => effect !== 'read');
  const held = effects.filter(({ heldBack }) => heldBack !== undefined).length;
  return (
    <li className="simulated-step">
      <div className="row-between">
        <span className="wrap-anywhere">
          {run.personId === undefined ? 'nobody' : <Link href={`/people/${encodeURIComponent(run.personId)}`}>{run.personId}</Link>}{' '}
          <span className="faint small">{tellAbsolute(toMs(run.at))}</span>
        </span>
        <StateChip state={run.state} />
      </div>
      {effects.length === 0 ? (
        <p className="small soft">Nothing would have been done.</p>
      ) : (
        <details className="part">
          <summary>
            <span className="part-title">
              {tellPlural(effects.length, 'call')}
              {held === 0 ? '' : `, ${String(held)} held back`}
            </span>
            <span className="truncate mono faint">{effects.map(({ action }) => action).join(', ')}</span>
          </summary>
          <WouldCalls calls={effects} label="Calls that would have been made" startedAt={run.at} />
        </details>
      )}
    </li>
  );
}
