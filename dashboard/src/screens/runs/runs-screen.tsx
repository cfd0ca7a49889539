import { useCallback, useMemo } from 'react';
import './runs.css';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import { useResource } from '../../api/use-resource.ts';
import type { RunInfo } from '../../api/types.ts';
import { useLive } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { tellDuration, toMs } from '../../ui/instant.ts';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { nameState, StateChip } from '../../ui/state-chip.tsx';

const STATES = ['running', 'sleeping', 'needs_review', 'blocked', 'succeeded', 'failed', 'stopped'];

/** Runs, newest first, by pipeline and state; new ones appear as they start. */
export function RunsScreen({ place }: { readonly place: Place }) {
  const state = place.query.get('state') ?? '';
  const pipeline = place.query.get('pipeline') ?? '';
  const load = useCallback(
    (cursor: string | undefined, signal?: AbortSignal) => api.runs({ state, pipeline, cursor }, signal),
    [state, pipeline],
  );
  const stored = usePaged(`runs:${state}:${pipeline}`, load);
  const live = useLive((snapshot) => snapshot.runs);
  const shown = useMemo(() => merge(live, stored.value ?? [], { state, pipeline }), [live, stored.value, state, pipeline]);
  return (
    <>
      <PageHead title="Runs" lead="Each time a pipeline went through its steps. Those that need review or a login wait for a person." />
      <Filters place={place} state={state} pipeline={pipeline} />
      <section className="panel" aria-label="Runs">
        <Loaded resource={stored}>
          {() =>
            shown.length === 0 ? (
              <Empty icon="runs" title={state === '' && pipeline === '' ? 'No run yet' : 'No such run'}>
                {state === '' && pipeline === ''
                  ? 'A run starts when an event matches the trigger of a pipeline that is not paused.'
                  : 'Choose another state or pipeline above.'}
              </Empty>
            ) : (
              <RunTable runs={shown} />
            )
          }
        </Loaded>
        <LoadMore paged={stored} />
      </section>
    </>
  );
}

function Filters({ place, state, pipeline }: { readonly place: Place; readonly state: string; readonly pipeline: string }) {
  const counts = useLive((snapshot) => snapshot.overview?.runs);
  const pipelines = useResource('pipelines', (signal) => api.pipelines(signal));
  return (
    <div className="toolbar">
      <nav className="segmented" aria-label="State">
        {['', ...STATES].map((each) => (
          <Link key={each} href={withQuery(place, 'state', each)} className="segment" aria-current={each === state ? 'true' : undefined}>
            {each === '' ? 'All' : nameState(each)}
            {each === '' || (counts?.[each] ?? 0) === 0 ? null : <span className="number faint">{tellCount(counts?.[each] ?? 0)}</span>}
          </Link>
        ))}
      </nav>
      <label className="visually-hidden" htmlFor="pipeline-filter">
        Pipeline
      </label>
      <select
        id="pipeline-filter"
        className="select"
        value={pipeline}
        onChange={(change) => navigate(withQuery(place, 'pipeline', change.target.value), { isReplacing: true })}
      >
        <option value="">All pipelines</option>
        {(pipelines.value?.items ?? []).map(({ id, title }) => (
          <option key={id} value={id}>
            {title || id}
          </option>
        ))}
      </select>
    </div>
  );
}

function RunTable({ runs }: { readonly runs: readonly RunInfo[] }) {
  return (
    <div className="table-scroll">
      <table className="table table-rows-linked">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">State</th>
            <th scope="col" className="wide-only">
              Person
            </th>
            <th scope="col" className="end wide-only">
              Took
            </th>
            <th scope="col" className="end">
              Started
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <Link href={`/runs/${encodeURIComponent(run.id)}`} className="row-link">
                  {run.pipeline}
                </Link>
                <div className="faint mono wide-only">{run.id}</div>
              </td>
              <td>
                <StateChip state={run.state} />
              </td>
              <td className="wide-only">
                {run.personId === undefined ? null : (
                  <Link href={`/people/${encodeURIComponent(run.personId)}`} className="above mono">
                    {run.personId}
                  </Link>
                )}
              </td>
              <td className="end number soft wide-only">
                {run.endedAt === undefined ? '' : tellDuration(toMs(run.endedAt) - toMs(run.startedAt))}
              </td>
              <td className="end soft">
                <Moment at={run.startedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function merge(
  live: readonly RunInfo[],
  stored: readonly RunInfo[],
  filter: { readonly state: string; readonly pipeline: string },
): readonly RunInfo[] {
  const byId = new Map<string, RunInfo>();
  for (const run of [...stored, ...live.toReversed()]) byId.set(run.id, run);
  return [...byId.values()]
    .filter((run) => (filter.state === '' || run.state === filter.state) && (filter.pipeline === '' || run.pipeline === filter.pipeline))
    .toSorted((left, right) => toMs(right.startedAt) - toMs(left.startedAt));
}
