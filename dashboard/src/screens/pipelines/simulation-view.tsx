import type { Simulation, SimulatedStep } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { tellDuration, toMs } from '../../ui/instant.ts';
import { tellPlural } from '../../ui/number.ts';
import { Part } from '../../ui/part.tsx';
import { text } from '../../ui/person-name.ts';
import { StateChip } from '../../ui/state-chip.tsx';
import { tellAfter, WouldCalls } from './would-calls.tsx';

/** A run that was played through: what it would have done to the world first, then its steps. */
export function SimulationView({ simulation }: { readonly simulation: Simulation }) {
  const { steps, calls, emitted, startedAt, endedAt, reason, error } = simulation;
  const effects = calls.filter(({ effect }) => effect !== 'read');
  const reads = calls.filter(({ effect }) => effect === 'read');
  return (
    <>
      <section className="panel" aria-labelledby="would-title">
        <div className="panel-head">
          <h2 id="would-title">What it would do</h2>
          <StateChip state={simulation.state} />
        </div>
        <div className="panel-body stack">
          <p className="small soft">
            {endedAt === undefined ? 'It would not end by itself.' : `It would end ${tellAfter(toMs(endedAt) - toMs(startedAt))}.`}
            {reason === undefined ? '' : ` ${reason}`}
          </p>
          {error === undefined ? null : (
            <div className="ask-error">
              <strong>{text(error['title']) || text(error['message']) || text(error['code'])}</strong>
              <Part title="Error" value={error} />
            </div>
          )}
          {effects.length === 0 ? (
            <Empty icon="check" title="It would change nothing outside">
              No step that writes, sends or spends would be reached.
            </Empty>
          ) : (
            <WouldCalls calls={effects} label="Calls that would be made" startedAt={startedAt} />
          )}
          {reads.length === 0 ? null : (
            <details className="part">
              <summary>
                <span className="part-title">{tellPlural(reads.length, 'read')}</span>
              </summary>
              <WouldCalls calls={reads} label="Reads" startedAt={startedAt} />
            </details>
          )}
          {emitted.map(({ event, properties, at }) => (
            <div key={`${event}${String(at)}`}>
              <p className="small">
                Event <strong>{event}</strong> would be emitted
              </p>
              <Part title="Properties" value={properties} />
            </div>
          ))}
          <Part title="Output" value={simulation.output} />
        </div>
      </section>
      <section className="panel" aria-labelledby="simulated-title">
        <div className="panel-head">
          <h2 id="simulated-title">Steps</h2>
          <span className="small faint">in virtual time</span>
        </div>
        {steps.length === 0 ? (
          <p className="panel-body small soft">No step was reached.</p>
        ) : (
          <ol className="simulated">
            {steps.map((step) => (
              <SimulatedStepLine key={step.path} step={step} startedAtMs={toMs(startedAt)} />
            ))}
          </ol>
        )}
      </section>
    </>
  );
}

function SimulatedStepLine({ step, startedAtMs }: { readonly step: SimulatedStep; readonly startedAtMs: number }) {
  const tookMs = step.endedAt === undefined ? undefined : toMs(step.endedAt) - toMs(step.startedAt);
  return (
    <li className="simulated-step">
      <div className="row-between">
        <span className="wrap-anywhere">
          <strong>{step.id ?? step.kind}</strong> <span className="faint mono">{step.path}</span>
        </span>
        <StateChip state={step.state} />
      </div>
      <p className="small soft number">
        {tellAfter(toMs(step.startedAt) - startedAtMs)}
        {tookMs === undefined || tookMs === 0 ? '' : `, took ${tellDuration(tookMs)}`}
      </p>
      {step.error === undefined ? null : <Part title="Error" value={step.error} />}
      <Part title="Out" value={step.output} />
    </li>
  );
}
