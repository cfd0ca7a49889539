import { useMemo } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { LoggedEvent } from '../../api/types.ts';
import { useLive } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { EventRow } from '../events/event-row.tsx';

const SHOWN = 9;

/** The newest events, as they come in. */
export function Arriving({ hasAny }: { readonly hasAny: boolean }) {
  const live = useLive((snapshot) => snapshot.events);
  const fetched = useResource('events:newest', async (signal) => (await api.events({ limit: SHOWN }, signal)).items);
  return (
    <section className="panel" aria-labelledby="arriving-title">
      <div className="panel-head">
        <h2 id="arriving-title">Arriving</h2>
        <Link href="/events" className="small">
          All events
        </Link>
      </div>
      <Loaded
        resource={live.length >= SHOWN ? { ...fetched, value: fetched.value ?? [], problem: undefined } : fetched}
        skeletonLines={SHOWN}
      >
        {(older) => (hasAny || live.length > 0 ? <Newest live={live} older={older} /> : <NoEvents />)}
      </Loaded>
    </section>
  );
}

function Newest({ live, older }: { readonly live: readonly LoggedEvent[]; readonly older: readonly LoggedEvent[] }) {
  const shown = useMemo(() => {
    const seen = new Set<string>();
    return [...live.slice(0, SHOWN), ...older].filter((event) => !seen.has(event.id) && seen.add(event.id)).slice(0, SHOWN);
  }, [live, older]);
  return (
    <ol className="event-list" aria-live="off">
      {shown.map((event) => (
        <li key={event.id} className="event-line">
          <EventRow event={event} />
        </li>
      ))}
    </ol>
  );
}

function NoEvents() {
  return (
    <Empty icon="events" title="Waiting for the first event">
      Run tendril init in your application’s folder: it prints the exact lines for Node, Flask or a web page.
    </Empty>
  );
}
