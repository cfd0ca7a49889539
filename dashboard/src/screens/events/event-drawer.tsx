import type { JsonObject, LoggedEvent } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { tellAbsolute, toMs } from '../../ui/instant.ts';
import { JsonView } from '../../ui/json-view.tsx';
import { tellCount } from '../../ui/number.ts';
import { EventWhy } from './event-why.tsx';
import { nameEvent, nameSubject } from './event-words.ts';

/** Everything about one event. */
export function EventDrawer({ event, onClose }: { readonly event: LoggedEvent; readonly onClose: () => void }) {
  return (
    <Drawer title={nameEvent(event)} onClose={onClose}>
      <dl className="facts">
        <dt>Name</dt>
        <dd className="mono">{event.name}</dd>
        <dt>About</dt>
        <dd>
          {event.profileId === undefined ? (
            nameSubject(event) || 'nobody'
          ) : (
            <Link href={`/people/${encodeURIComponent(event.profileId)}`}>{nameSubject(event) || event.profileId}</Link>
          )}
        </dd>
        <dt>Happened</dt>
        <dd>{tellAbsolute(toMs(event.occurredAt))}</dd>
        <dt>Received</dt>
        <dd>{tellAbsolute(toMs(event.receivedAt))}</dd>
        <dt>Position</dt>
        <dd className="number">{tellCount(event.position)}</dd>
        <dt>App</dt>
        <dd>
          {event.appId} {event.isTest ? <span className="chip">test</span> : null}
        </dd>
        <dt>Message id</dt>
        <dd className="mono">{event.id}</dd>
        {event.requestId === undefined ? null : (
          <>
            <dt>Request</dt>
            <dd className="mono">{event.requestId}</dd>
          </>
        )}
      </dl>
      <EventWhy event={event} />
      <Part title="Properties" value={event.properties} />
      <Part title="Traits" value={event.traits} />
      <Part title="Identities" value={event.identities} />
      <Part title="Context" value={event.context} />
      <Part title="Caused by" value={event.causedBy ?? {}} />
    </Drawer>
  );
}

function Part({ title, value }: { readonly title: string; readonly value: JsonObject }) {
  if (Object.keys(value).length === 0) return null;
  return (
    <section className="stack-tight">
      <h3>{title}</h3>
      <JsonView value={value} label={title} />
    </section>
  );
}
