import { useCallback, useMemo, useState } from 'react';
import './runs.css';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import type { RunFilter, RunInfo } from '../../api/types.ts';
import { useLive } from '../../live/live-context.ts';
import type { Place } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { toMs } from '../../ui/instant.ts';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { ReplayManyDialog } from './replay-many-dialog.tsx';
import { countFilters, readRunFilter, fits } from './run-filter.ts';
import { RunFilters } from './run-filters.tsx';
import { RunTable } from './run-table.tsx';

/** Runs, newest first, by everything that one may want to know of them; new ones appear as they start. */
export function RunsScreen({ place }: { readonly place: Place }) {
  const [isReplaying, setReplaying] = useState(false);
  const key = place.query.toString();
  const filter = useMemo(() => readRunFilter(new URLSearchParams(key)), [key]);
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.runs({ ...filter, cursor }, signal), [filter]);
  const stored = usePaged(`runs:${key}`, load);
  const live = useLive((snapshot) => snapshot.runs);
  const shown = useMemo(() => merge(live, stored.value ?? [], filter), [live, stored.value, filter]);
  const isFiltered = countFilters(filter) > 0;
  return (
    <>
      <PageHead title="Runs" lead="Each time a pipeline went through its steps. Those that need review or a login wait for a person.">
        {isFiltered && shown.length > 0 ? (
          <button type="button" className="button" onClick={() => setReplaying(true)}>
            <Icon name="repeat" />
            Do all of these again
          </button>
        ) : null}
      </PageHead>
      <RunFilters place={place} filter={filter} />
      <section className="panel" aria-label="Runs">
        <Loaded resource={stored}>
          {() =>
            shown.length === 0 ? (
              <Empty icon="runs" title={isFiltered ? 'No such run' : 'No run yet'}>
                {isFiltered
                  ? 'Choose something else above.'
                  : 'A run starts when an event matches the trigger of a pipeline that is not paused.'}
              </Empty>
            ) : (
              <RunTable runs={shown} />
            )
          }
        </Loaded>
        <LoadMore paged={stored} />
      </section>
      {isReplaying ? <ReplayManyDialog filter={filter} onClose={() => setReplaying(false)} onStarted={stored.reload} /> : null}
    </>
  );
}

function merge(live: readonly RunInfo[], stored: readonly RunInfo[], filter: RunFilter): readonly RunInfo[] {
  const byId = new Map<string, RunInfo>();
  for (const run of [...stored, ...live.toReversed()]) byId.set(run.id, run);
  return [...byId.values()].filter((run) => fits(run, filter)).toSorted((left, right) => toMs(right.startedAt) - toMs(left.startedAt));
}
