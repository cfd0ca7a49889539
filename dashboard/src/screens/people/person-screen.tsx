import { useState } from 'react';
import './people.css';
import { api } from '../../api/client.ts';
import { peopleApi } from '../../api/customers/people.ts';
import type { Profile } from '../../api/customers/people.ts';
import { traitsApi } from '../../api/customers/segments.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { namePerson, text } from '../../ui/person-name.ts';
import { StateChip } from '../../ui/state-chip.tsx';
import { LeadScore } from '../leads/lead-score.tsx';
import { PluginPanels } from '../plugins/plugin-panels.tsx';
import { MergeDialog } from './merge-dialog.tsx';
import { Merges } from './merges.tsx';
import { PersonExplain } from './person-explain.tsx';
import { PersonSegments } from './person-segments.tsx';
import { PersonWho } from './person-who.tsx';
import { Timeline } from './timeline.tsx';
import { Traits } from './traits.tsx';

const REFRESH_MS = 6_000;

/** One person: who they are, what happened, how likely they are to buy, what was done, and who was joined. */
export function PersonScreen({ id }: { readonly id: string }) {
  const person = useResource(`person:${id}`, (signal) => peopleApi.get(id, signal), REFRESH_MS);
  const [isMerging, setMerging] = useState(false);
  const [said, setSaid] = useState('');
  // What was joined or taken apart is asked for anew.
  const [turn, setTurn] = useState(0);
  const { value } = person;
  function tellChange(what: string): void {
    setSaid(what);
    setTurn(turn + 1);
    person.reload();
  }
  return (
    <>
      <PageHead
        title={value === undefined ? 'Person' : namePerson(value.traits, id)}
        back={{ href: '/people', text: 'People' }}
        lead={value === undefined ? undefined : text(value.traits['email'])}
      >
        {value === undefined ? null : (
          <button type="button" className="button" onClick={() => setMerging(true)}>
            <Icon name="merge" />
            Merge with…
          </button>
        )}
      </PageHead>
      <p role="status" className={said === '' ? 'visually-hidden' : 'said'}>
        {said}
      </p>
      <Loaded resource={person}>
        {(profile) => (
          <div className="columns">
            <div className="stack">
              <PersonLead id={profile.id} />
              <Timeline key={turn} person={profile.id} />
            </div>
            <div className="stack">
              <PersonWho person={profile} />
              <PersonTraits person={profile} />
              <Merges key={`merges ${String(turn)}`} person={profile.id} onChanged={tellChange} />
              <PersonSegments key={`segments ${String(turn)}`} person={profile.id} isIn={profile.segments} />
              <PersonRuns id={profile.id} />
              <PersonExplain person={profile.id} />
              <PluginPanels place="person" subject={profile.id} />
            </div>
          </div>
        )}
      </Loaded>
      {isMerging && value !== undefined ? (
        <MergeDialog
          into={value}
          onClose={() => setMerging(false)}
          onMerged={(isVisible) => tellChange(isVisible ? 'They are one person now.' : 'They are being joined: it shows in a moment.')}
        />
      ) : null}
    </>
  );
}

function PersonTraits({ person }: { readonly person: Profile }) {
  const computed = useResource('computed-traits', (signal) => traitsApi.list(signal));
  return <Traits person={person.id} traits={person.traits} computed={new Set(computed.value?.map(({ name }) => name))} />;
}

function PersonLead({ id }: { readonly id: string }) {
  const lead = useResource(`lead:${id}`, async (signal) => (await api.leads({ person: id }, signal)).items[0] ?? null, REFRESH_MS);
  return (
    <section className="panel" aria-labelledby="lead-title">
      <div className="panel-head">
        <h2 id="lead-title">Lead score</h2>
        {lead.value === undefined || lead.value === null ? null : (
          <span className="row">
            <StateChip state={lead.value.status} />
            <Link href={`/leads/${encodeURIComponent(lead.value.id)}`} className="small">
              The lead
            </Link>
          </span>
        )}
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
