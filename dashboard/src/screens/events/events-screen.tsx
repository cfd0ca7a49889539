import { useCallback, useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import type { LoggedEvent } from '../../api/types.ts';
import { useLive, usePausableLive } from '../../live/live-context.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { tellPlural } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { WindowedList } from '../../ui/windowed-list.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { EventRow } from './event-row.tsx';
import { nameEvent } from './event-words.ts';

const ROW_HEIGHT_PX = 39;

/** The log as it grows: filtered by name, held still when asked, each event with its details. */
export function EventsScreen({ place }: { readonly place: Place }) {
  const filter = place.query.get('name') ?? '';
  const [isPaused, setPaused] = useState(false);
  const [opened, setOpened] = useState<LoggedEvent | undefined>(undefined);
  const live = usePausableLive((snapshot) => snapshot.events, isPaused);
  const names = useKnownNames(live);
  // A name that is known is asked of the hub; part of a name looks through what is loaded.
  const asked = names.includes(filter) ? filter : undefined;
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.events({ name: asked, cursor }, signal), [asked]);
  const stored = usePaged(`events:${asked ?? ''}`, load);
  const shown = useMemo(() => merge(live, stored.value ?? [], filter), [live, stored.value, filter]);
  const { hasMore, isLoadingMore, moreProblem, loadMore } = stored;
  const onNearEnd = useCallback(() => {
    if (hasMore && !isLoadingMore && moreProblem === undefined) loadMore();
  }, [hasMore, isLoadingMore, moreProblem, loadMore]);

  return (
    <>
      <PageHead title="Events" lead="Every fact that your applications sent, newest first, and what Tendril itself reports." />
      <section className="panel" aria-label="Log">
        <div className="events-bar">
          <div className="events-filter">
            <label className="visually-hidden" htmlFor="event-name">
              Filter by name
            </label>
            <input
              id="event-name"
              className="input"
              type="search"
              list="event-names"
              placeholder="Filter by name"
              value={filter}
              onChange={(change) => navigate(withQuery(place, 'name', change.target.value), { isReplacing: true })}
            />
            <datalist id="event-names">
              {names.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </div>
          <div className="events-bar-end">
            <Held isPaused={isPaused} shown={live} />
            <button type="button" className="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
              <Icon name={isPaused ? 'play' : 'pause'} />
              {isPaused ? 'Go on' : 'Hold still'}
            </button>
          </div>
        </div>
        <Loaded resource={stored} skeletonLines={12}>
          {() =>
            shown.length === 0 ? (
              <NoEvents isFiltered={filter !== ''} />
            ) : (
              <WindowedList
                items={shown}
                rowHeightPx={ROW_HEIGHT_PX}
                label="Events, newest first"
                onNearEnd={onNearEnd}
                render={(event) => <EventRow event={event} onOpen={setOpened} />}
              />
            )
          }
        </Loaded>
      </section>
      {opened === undefined ? null : <EventDrawer event={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

/** How many events came in since the list is held still. */
function Held({ isPaused, shown }: { readonly isPaused: boolean; readonly shown: readonly LoggedEvent[] }) {
  const newest = useLive((snapshot) => snapshot.events[0]?.position ?? 0);
  const waiting = isPaused ? newest - (shown[0]?.position ?? newest) : 0;
  return (
    <span className="small soft number" role="status">
      {isPaused ? `Held still, ${tellPlural(Math.max(0, waiting), 'new event')} waiting` : ''}
    </span>
  );
}

function NoEvents({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered)
    return (
      <Empty icon="events" title="No event of that name">
        Clear the filter, or wait: new ones appear here as they arrive.
      </Empty>
    );
  return (
    <Empty icon="events" title="Waiting for the first event">
      Run tendril init in your application’s folder: it prints the exact lines for Node, Flask or a web page.
    </Empty>
  );
}

function useKnownNames(live: readonly LoggedEvent[]): readonly string[] {
  const first = usePaged('events:', (cursor, signal) => api.events({ cursor }, signal));
  return useMemo(() => [...new Set([...live, ...(first.value ?? [])].map((event) => event.name))].toSorted(), [live, first.value]);
}

function merge(live: readonly LoggedEvent[], stored: readonly LoggedEvent[], filter: string): readonly LoggedEvent[] {
  const wanted = filter.toLowerCase();
  const seen = new Set(live.map((event) => event.id));
  const all = [...live, ...stored.filter((event) => !seen.has(event.id))].toSorted((left, right) => right.position - left.position);
  return wanted === ''
    ? all
    : all.filter((event) => event.name.toLowerCase().includes(wanted) || nameEvent(event).toLowerCase().includes(wanted));
}
