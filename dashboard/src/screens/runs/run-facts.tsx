import type { JsonObject, Run } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { tellDuration, toMs } from '../../ui/instant.ts';
import { JsonView } from '../../ui/json-view.tsx';
import { Moment } from '../../ui/moment.tsx';
import { pipelineAddress } from '../pipelines/pipeline-address.ts';

interface RunFactsProps {
  readonly run: Run;
  readonly isUnmasked: boolean;
  readonly onUnmask: (isUnmasked: boolean) => void;
}

/** What is to be known of a run beside its steps. */
export function RunFacts({ run, isUnmasked, onUnmask }: RunFactsProps) {
  const isMasked = JSON.stringify([run.steps, run.input, run.output]).includes('"[personal]"');
  return (
    <aside className="panel run-facts" aria-label="About this run">
      <dl className="facts">
        <dt>Pipeline</dt>
        <dd>
          <Link href={pipelineAddress(run.pipeline, run.environment)}>{run.pipeline}</Link>{' '}
          <span className="faint">
            version {run.version}
            {run.environment === undefined ? '' : `, ${run.environment}`}
          </span>
        </dd>
        <dt>Person</dt>
        <dd>{run.personId === undefined ? 'nobody' : <Link href={`/people/${encodeURIComponent(run.personId)}`}>{run.personId}</Link>}</dd>
        <dt>Started</dt>
        <dd>
          <Moment at={run.startedAt} />
        </dd>
        <dt>Took</dt>
        <dd>{run.endedAt === undefined ? 'not ended' : tellDuration(toMs(run.endedAt) - toMs(run.startedAt))}</dd>
        {run.reason === undefined ? null : (
          <>
            <dt>Reason</dt>
            <dd>{run.reason}</dd>
          </>
        )}
        <dt>App</dt>
        <dd>{run.isTest ? 'test: sandboxes only' : 'live'}</dd>
        <Related run={run} />
        {run.eventId === undefined ? null : (
          <>
            <dt>Event</dt>
            <dd className="mono">{run.eventId}</dd>
          </>
        )}
        {run.requestId === undefined ? null : (
          <>
            <dt>Request</dt>
            <dd className="mono">{run.requestId}</dd>
          </>
        )}
      </dl>
      {isMasked || isUnmasked ? (
        <button type="button" className="button" aria-pressed={isUnmasked} onClick={() => onUnmask(!isUnmasked)}>
          {isUnmasked ? 'Hide personal values' : 'Show personal values'}
        </button>
      ) : null}
      <Value title="Input" value={run.input} />
      <Value title="Output" value={run.output} />
      <Value title="Settings at its start" value={run.settings} />
      <Value title="Error" value={run.error} />
    </aside>
  );
}

/** The runs that have to do with this one. */
function Related({ run }: { readonly run: Run }) {
  const hasCalled = run.steps.some(({ kind }) => kind === 'call');
  return (
    <>
      {run.parentId === undefined ? null : (
        <>
          <dt>Called by</dt>
          <dd>
            <Link href={`/runs/${encodeURIComponent(run.parentId)}`} className="mono">
              {run.parentId}
            </Link>
          </dd>
        </>
      )}
      {hasCalled ? (
        <>
          <dt>Called</dt>
          <dd>
            <Link href={`/runs?parentId=${encodeURIComponent(run.id)}`}>Runs that it called</Link>
          </dd>
        </>
      ) : null}
      {run.replayOf === undefined ? null : (
        <>
          <dt>Again of</dt>
          <dd>
            <Link href={`/runs/${encodeURIComponent(run.replayOf)}`} className="mono">
              {run.replayOf}
            </Link>
          </dd>
        </>
      )}
      {run.broadcastId === undefined ? null : (
        <>
          <dt>Broadcast</dt>
          <dd>
            <Link href={`/runs?broadcastId=${encodeURIComponent(run.broadcastId)}`}>All its runs</Link>
          </dd>
        </>
      )}
    </>
  );
}

function Value({ title, value }: { readonly title: string; readonly value: JsonObject | undefined }) {
  if (value === undefined || Object.keys(value).length === 0) return null;
  return (
    <section className="stack-tight">
      <h3>{title}</h3>
      <JsonView value={value} label={title} />
    </section>
  );
}
