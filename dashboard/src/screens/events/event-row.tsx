import './events.css';
import type { LoggedEvent } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Moment } from '../../ui/moment.tsx';
import { detailEvent, hueOfEvent, nameEvent, nameSubject } from './event-words.ts';

interface EventRowProps {
  readonly event: LoggedEvent;
  /** Makes the name a button that opens the details. */
  readonly onOpen?: (event: LoggedEvent) => void;
  /** Leaves out whom it is about, where that is plain. */
  readonly isOfOnePerson?: boolean;
}

/** One event in one line: what, about whom, when. */
export function EventRow({ event, onOpen, isOfOnePerson = false }: EventRowProps) {
  const name = nameEvent(event);
  return (
    <div className={`event-row${isOfOnePerson ? ' event-row-own' : ''}`}>
      <span className={`dot hue-${hueOfEvent(event)}`} aria-hidden="true" />
      <span className="event-what truncate">
        {onOpen === undefined ? (
          <span className="event-name">{name}</span>
        ) : (
          <button type="button" className="event-name event-open" onClick={() => onOpen(event)}>
            {name}
          </button>
        )}
        <span className="event-detail">{detailEvent(event)}</span>
      </span>
      {isOfOnePerson ? null : <EventSubject event={event} />}
      <span className="event-when number">
        <Moment at={event.receivedAt} />
      </span>
    </div>
  );
}

function EventSubject({ event }: { readonly event: LoggedEvent }) {
  const subject = nameSubject(event);
  return (
    <span className="event-who truncate">
      {event.profileId === undefined || subject === '' ? (
        subject
      ) : (
        <Link href={`/people/${encodeURIComponent(event.profileId)}`}>{subject}</Link>
      )}
    </span>
  );
}
