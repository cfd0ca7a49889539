import { useCallback, useState } from 'react';
import './leads.css';
import { LEAD_STATUSES, leadsApi } from '../../api/customers/leads.ts';
import type { LeadOwner, LeadStage, QueuedLead } from '../../api/customers/leads.ts';
import { usePaged } from '../../api/use-paged.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Page } from '../../api/types.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { nameState } from '../../ui/state-chip.tsx';
import { LeadRows } from './lead-rows.tsx';
import { LeadTabs } from './lead-tabs.tsx';

const REFRESH_MS = 8_000;

/** Whom to speak to next: open leads, the best first, each with what to do and why. */
export function LeadsScreen({ place }: { readonly place: Place }) {
  const [status, owner, stage, by] = ['status', 'owner', 'stage', 'by'].map((name) => place.query.get(name) ?? '');
  const load = useCallback(
    (cursor: string | undefined, signal?: AbortSignal): Promise<Page<QueuedLead>> =>
      status === ''
        ? leadsApi.queue({ owner: owner || undefined, stage: stage || undefined, by: by || undefined, cursor }, signal)
        : leadsApi.list({ status: status === 'all' ? undefined : status, cursor }, signal),
    [status, owner, stage, by],
  );
  const leads = usePaged(`leads:${[status, owner, stage, by].join(':')}`, load, REFRESH_MS);
  const owners = useResource('lead-owners', (signal) => leadsApi.owners(signal));
  const stages = useResource('lead-stages', (signal) => leadsApi.stages(signal));
  const [openedId, setOpenedId] = useState<string | undefined>(undefined);
  return (
    <>
      <PageHead title="Leads" lead="Whom to speak to next, the best first. Open one to see what speaks for it and what against." />
      <LeadTabs current="/leads" />
      <QueueFilters place={place} owners={owners.value?.owners ?? []} stages={stages.value ?? []} />
      <section className="panel" aria-label="Leads">
        <Loaded resource={leads}>
          {(items) =>
            items.length === 0 ? (
              <NoLead isFiltered={[status, owner, stage].some((each) => each !== '')} />
            ) : (
              <LeadTable
                items={items}
                owners={owners.value?.owners ?? []}
                openedId={openedId}
                onOpen={setOpenedId}
                onChanged={leads.reload}
              />
            )
          }
        </Loaded>
        <LoadMore paged={leads} />
      </section>
    </>
  );
}

function NoLead({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Empty icon="leads" title="None of these">
      No lead is like that now. Look at all of them instead.
    </Empty>
  ) : (
    <Empty icon="leads" title="No lead yet">
      A person with an e-mail address or a phone number becomes a lead, and gets a probability as soon as a model is trained. A form or a
      file brings them, too.
    </Empty>
  );
}

interface LeadTableProps {
  readonly items: readonly QueuedLead[];
  readonly owners: readonly LeadOwner[];
  readonly openedId: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
  readonly onChanged: () => void;
}

function LeadTable({ items, owners, openedId, onOpen, onChanged }: LeadTableProps) {
  return (
    <div className="table-scroll">
      <table className="table leads-table">
        <thead>
          <tr>
            <th scope="col">Lead</th>
            <th scope="col">Probability</th>
            <th scope="col" className="wide-only">
              Made of
            </th>
            <th scope="col" className="wide-only">
              Stands at
            </th>
            <th scope="col" className="wide-only">
              Next
            </th>
            <th scope="col">
              <span className="visually-hidden">Reasons</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((lead) => (
            <LeadRows
              key={lead.id}
              lead={lead}
              owners={owners}
              isOpen={lead.id === openedId}
              onToggle={() => onOpen(lead.id === openedId ? undefined : lead.id)}
              onChanged={onChanged}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface QueueFiltersProps {
  readonly place: Place;
  readonly owners: readonly LeadOwner[];
  readonly stages: readonly LeadStage[];
}

function QueueFilters({ place, owners, stages }: QueueFiltersProps) {
  const status = place.query.get('status') ?? '';
  const choose = (name: string, value: string): void => navigate(withQuery(place, name, value), { isReplacing: true });
  return (
    <div className="toolbar" role="group" aria-label="Which leads">
      <Filter
        label="Which leads"
        value={status}
        options={[
          { value: '', text: 'Open leads' },
          { value: 'all', text: 'All leads' },
          ...LEAD_STATUSES.map((each) => ({ value: each, text: nameState(each) })),
        ]}
        onChange={(value) => choose('status', value)}
      />
      {status === '' ? (
        <>
          {owners.length === 0 ? null : (
            <Filter
              label="Owner"
              value={place.query.get('owner') ?? ''}
              options={[
                { value: '', text: 'Everybody’s' },
                { value: 'none', text: 'Nobody’s' },
                ...owners.map(({ id, name, openLeads }) => ({ value: id, text: `${name} (${String(openLeads)})` })),
              ]}
              onChange={(value) => choose('owner', value)}
            />
          )}
          {stages.length === 0 ? null : (
            <Filter
              label="Stage"
              value={place.query.get('stage') ?? ''}
              options={[
                { value: '', text: 'Any stage' },
                ...stages.map(({ name, title, leads }) => ({ value: name, text: `${title || name} (${String(leads)})` })),
              ]}
              onChange={(value) => choose('stage', value)}
            />
          )}
          <Filter
            label="Ranked by"
            value={place.query.get('by') ?? ''}
            options={[
              { value: '', text: 'Best first' },
              { value: 'expected_value', text: 'By expected value' },
              { value: 'probability', text: 'By probability' },
            ]}
            onChange={(value) => choose('by', value)}
          />
        </>
      ) : null}
    </div>
  );
}

interface FilterProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (value: string) => void;
}

function Filter({ label, value, options, onChange }: FilterProps) {
  return (
    <select className="select" aria-label={label} value={value} onChange={(change) => onChange(change.target.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </select>
  );
}
