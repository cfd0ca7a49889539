import { useCallback, useState } from 'react';
import { peopleApi, toEvent } from '../../api/customers/people.ts';
import type { TimelineEntry } from '../../api/customers/people.ts';
import { usePaged } from '../../api/use-paged.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { tellPlural } from '../../ui/number.ts';
import { EventDrawer } from '../events/event-drawer.tsx';
import { EventRow } from '../events/event-row.tsx';
import { TIMELINE_FILTERS, fits, tellChange } from './timeline-words.ts';
import type { TimelineFilter } from './timeline-words.ts';

const REFRESH_MS = 6_000;

/** What happened to a person, newest first: events with what each changed. */
export function Timeline({ person }: { readonly person: string }) {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => peopleApi.timeline(person, { cursor }, signal), [person]);
  const timeline = usePaged(`timeline:${person}`, load, REFRESH_MS);
  const [filter, setFilter] = useState<TimelineFilter>('all');
  const [opened, setOpened] = useState<TimelineEntry | undefined>(undefined);
  return (
    <section className="panel" aria-labelledby="timeline-title">
      <div className="panel-head">
        <h2 id="timeline-title">Timeline</h2>
        <div className="segmented" role="group" aria-label="Which entries">
          {TIMELINE_FILTERS.map((each) => (
            <button
              key={each.filter}
              type="button"
              className="segment"
              aria-pressed={each.filter === filter}
              aria-current={each.filter === filter ? 'true' : undefined}
              onClick={() => setFilter(each.filter)}
            >
              {each.text}
            </button>
          ))}
        </div>
      </div>
      <Loaded resource={timeline}>
        {(entries) => <Entries entries={entries} filter={filter} person={person} hasMore={timeline.hasMore} onOpen={setOpened} />}
      </Loaded>
      <LoadMore paged={timeline} />
      {opened === undefined ? null : <EventDrawer event={toEvent(opened, person)} onClose={() => setOpened(undefined)} />}
    </section>
  );
}

interface EntriesProps {
  readonly entries: readonly TimelineEntry[];
  readonly filter: TimelineFilter;
  readonly person: string;
  readonly hasMore: boolean;
  readonly onOpen: (entry: TimelineEntry) => void;
}

function Entries({ entries, filter, person, hasMore, onOpen }: EntriesProps) {
  const shown = entries.filter((entry) => fits(entry, filter));
  if (entries.length === 0) return <Empty icon="events" title="Nothing happened yet" />;
  if (shown.length === 0)
    return (
      <Empty icon="events" title="None of these">
        {hasMore
          ? `None among the newest ${tellPlural(entries.length, 'event')}. Show more to look further back.`
          : 'Nothing of this kind happened.'}
      </Empty>
    );
  return (
    <ol className="event-list">
      {shown.map((entry) => (
        <li key={entry.id} className="event-line">
          <EventRow event={toEvent(entry, person)} onOpen={() => onOpen(entry)} isOfOnePerson />
          <Changes entry={entry} />
        </li>
      ))}
    </ol>
  );
}

const SHOWN_MOST = 6;

function Changes({ entry }: { readonly entry: TimelineEntry }) {
  const changes = entry.changes ?? [];
  if (changes.length === 0) return null;
  return (
    <ul className="change-list" aria-label="What it changed">
      {changes.slice(0, SHOWN_MOST).map((change, index) => (
        <li key={index} className={`change change-${change.kind}`}>
          {tellChange(change)}
        </li>
      ))}
      {changes.length > SHOWN_MOST ? <li className="change faint">and {String(changes.length - SHOWN_MOST)} more</li> : null}
    </ul>
  );
}
