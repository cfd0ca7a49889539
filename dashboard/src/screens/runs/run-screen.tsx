import { useEffect } from 'react';
import './runs.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Run } from '../../api/types.ts';
import { useLive } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { tellDuration, toMs } from '../../ui/instant.ts';
import { JsonView } from '../../ui/json-view.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Review } from './review.tsx';
import { Step } from './step.tsx';

/** One run: its steps from top to bottom, with what went in, what came out and how long it took. */
export function RunScreen({ id }: { readonly id: string }) {
  const run = useResource(`run:${id}`, (signal) => api.run(id, signal));
  const { reload } = run;
  const announced = useLive((snapshot) => snapshot.runs.find((each) => each.id === id));
  useEffect(() => {
    if (announced !== undefined) reload();
  }, [announced, reload]);
  const title = run.value?.pipeline ?? 'Run';
  return (
    <>
      <PageHead title={title} back={{ href: '/runs', text: 'Runs' }} lead={<span className="mono">{id}</span>}>
        {run.value === undefined ? null : <StateChip state={run.value.state} />}
      </PageHead>
      <Loaded resource={run}>
        {(value) => (
          <div className="stack">
            {value.state === 'needs_review' ? <Review run={value} onResolved={reload} /> : null}
            {value.state === 'blocked' ? <Blocked /> : null}
            <div className="run-columns">
              <Steps run={value} />
              <Facts run={value} />
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function Blocked() {
  return (
    <p className="notice">
      A connection of this run needs a new login. Look at <Link href="/setup">Setup</Link> which one, then run{' '}
      <code>tendril connections add</code>; the run goes on by itself.
    </p>
  );
}

function Steps({ run }: { readonly run: Run }) {
  if (run.steps.length === 0) {
    return (
      <div className="panel">
        <Empty icon="runs" title="No step yet">
          The run has been taken up; its first step appears as soon as it is journalled.
        </Empty>
      </div>
    );
  }
  return (
    <ol className="flow" aria-label="Steps">
      {run.steps.map((step) => (
        <Step key={step.path} step={step} />
      ))}
    </ol>
  );
}

function Facts({ run }: { readonly run: Run }) {
  return (
    <aside className="panel run-facts" aria-label="About this run">
      <dl className="facts">
        <dt>Pipeline</dt>
        <dd>
          <Link href={`/pipelines/${encodeURIComponent(run.pipeline)}`}>{run.pipeline}</Link>{' '}
          <span className="faint">version {run.version}</span>
        </dd>
        <dt>Person</dt>
        <dd>{run.personId === undefined ? 'nobody' : <Link href={`/people/${encodeURIComponent(run.personId)}`}>{run.personId}</Link>}</dd>
        <dt>Started</dt>
        <dd>
          <Moment at={run.startedAt} />
        </dd>
        <dt>Took</dt>
        <dd>{run.endedAt === undefined ? 'not ended' : tellDuration(toMs(run.endedAt) - toMs(run.startedAt))}</dd>
        <dt>App</dt>
        <dd>{run.isTest ? 'test: sandboxes only' : 'live'}</dd>
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
      {Object.keys(run.settings).length === 0 ? null : (
        <section className="stack-tight">
          <h3>Settings at its start</h3>
          <JsonView value={run.settings} label="Settings at its start" />
        </section>
      )}
      {run.error === undefined || Object.keys(run.error).length === 0 ? null : (
        <section className="stack-tight">
          <h3>Error</h3>
          <JsonView value={run.error} label="Error" />
        </section>
      )}
    </aside>
  );
}
