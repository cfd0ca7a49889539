import { useState } from 'react';
import './people.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { LoggedEvent, Person } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { namePerson } from '../../ui/person-name.ts';
import { StateChip } from '../../ui/state-chip.tsx';
import { EventDrawer } from '../events/event-drawer.tsx';
import { EventRow } from '../events/event-row.tsx';
import { LeadScore } from '../leads/lead-score.tsx';
import { PluginPanels } from '../plugins/plugin-panels.tsx';
import { PersonExplain } from './person-explain.tsx';
import { readIdentities } from './person-facts.ts';
import { Traits } from './traits.tsx';

const REFRESH_MS = 6_000;

/** One person: what is known, what happened, how likely they are to buy, what was done. */
export function PersonScreen({ id }: { readonly id: string }) {
  const person = useResource(`person:${id}`, (signal) => api.person(id, signal), REFRESH_MS);
  const title = person.value === undefined ? 'Person' : namePerson(person.value.traits, id);
  return (
    <>
      <PageHead
        title={title}
        back={{ href: '/people', text: 'People' }}
        lead={person.value === undefined ? undefined : <Identities person={person.value} />}
      />
      <Loaded resource={person}>
        {(value) => (
          <div className="columns">
            <div className="stack">
              <PersonLead id={value.id} />
              <Timeline events={value.timeline ?? []} />
            </div>
            <div className="stack">
              <PersonRuns id={value.id} />
              <PersonExplain person={value.id} />
              <PersonTraits person={value} />
              <PluginPanels place="person" subject={value.id} />
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function Identities({ person }: { readonly person: Person }) {
  return (
    <span className="identity-list">
      {readIdentities(person.identities).map(({ kind, value }) => (
        <span key={kind + value} className="identity">
          <b>{kind}</b>
          <span className="truncate">{value}</span>
        </span>
      ))}
      <span className="identity">
        <b>last seen</b>
        <Moment at={person.lastSeenAt} />
      </span>
    </span>
  );
}

function PersonTraits({ person }: { readonly person: Person }) {
  // Asked once: the history is the rest of what is known, and the page is right without it.
  const history = useResource(`history:${person.id}`, async () => person.history ?? (await api.traitHistory(person.id)).output.traits);
  return <Traits traits={person.traits} history={history.value} />;
}

function PersonLead({ id }: { readonly id: string }) {
  const lead = useResource(`lead:${id}`, async (signal) => (await api.leads({ person: id }, signal)).items[0] ?? null, REFRESH_MS);
  return (
    <section className="panel" aria-labelledby="lead-title">
      <div className="panel-head">
        <h2 id="lead-title">Lead score</h2>
        {lead.value === undefined || lead.value === null ? null : <StateChip state={lead.value.status} />}
      </div>
      <Loaded resource={lead} skeletonLines={4}>
        {(value) =>
          value === null ? (
            <Empty icon="leads" title="Not a lead">
              A person with an e-mail address or a phone number becomes one.
            </Empty>
          ) : (
            <div className="panel-body">
              <LeadScore lead={value} />
            </div>
          )
        }
      </Loaded>
    </section>
  );
}

function Timeline({ events }: { readonly events: readonly LoggedEvent[] }) {
  const [opened, setOpened] = useState<LoggedEvent | undefined>(undefined);
  return (
    <section className="panel" aria-labelledby="timeline-title">
      <div className="panel-head">
        <h2 id="timeline-title">Timeline</h2>
      </div>
      {events.length === 0 ? (
        <Empty icon="events" title="Nothing happened yet" />
      ) : (
        <ol className="event-list">
          {events.map((event) => (
            <li key={event.id} className="event-line">
              <EventRow event={event} onOpen={setOpened} isOfOnePerson />
            </li>
          ))}
        </ol>
      )}
      {opened === undefined ? null : <EventDrawer event={opened} onClose={() => setOpened(undefined)} />}
    </section>
  );
}

function PersonRuns({ id }: { readonly id: string }) {
  const runs = useResource(`runs-of:${id}`, (signal) => api.runs({ person: id }, signal), REFRESH_MS);
  return (
    <section className="panel" aria-labelledby="runs-title">
      <div className="panel-head">
        <h2 id="runs-title">Runs</h2>
      </div>
      <Loaded resource={runs} skeletonLines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="runs" title="No run yet">
              No pipeline was started by what this person did.
            </Empty>
          ) : (
            <ul className="run-lines">
              {items.map((run) => (
                <li key={run.id}>
                  <Link href={`/runs/${encodeURIComponent(run.id)}`}>
                    <span className="stack-tight">
                      {run.pipeline}
                      <span className="faint">
                        <Moment at={run.startedAt} />
                      </span>
                    </span>
                    <StateChip state={run.state} />
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
