import { Fragment, useCallback, useState } from 'react';
import './leads.css';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import type { Lead } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { ProbabilityMeter } from '../../ui/meter.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { PluginPanels } from '../plugins/plugin-panels.tsx';
import { LeadTabs } from './lead-tabs.tsx';
import { LeadScore } from './lead-score.tsx';

const REFRESH_MS = 8_000;

/** Leads, the most promising first, each with the reasons of its score. */
export function LeadsScreen() {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.leads({ cursor }, signal), []);
  const leads = usePaged('leads', load, REFRESH_MS);
  const [openedId, setOpenedId] = useState<string | undefined>(undefined);
  return (
    <>
      <PageHead title="Leads" lead="The most promising first. Open one to see what speaks for it and what against." />
      <LeadTabs current="/leads" />
      <section className="panel" aria-label="Leads">
        <Loaded resource={leads}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon="leads" title="No lead yet">
                A person with an e-mail address or a phone number becomes a lead, and gets a probability as soon as a model is trained.
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table leads-table">
                  <thead>
                    <tr>
                      <th scope="col">Lead</th>
                      <th scope="col">Probability</th>
                      <th scope="col" className="wide-only">
                        Main reason
                      </th>
                      <th scope="col" className="wide-only">
                        State
                      </th>
                      <th scope="col" className="wide-only end">
                        Scored
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
                        isOpen={lead.id === openedId}
                        onToggle={() => setOpenedId(lead.id === openedId ? undefined : lead.id)}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
        <LoadMore paged={leads} />
      </section>
    </>
  );
}

function LeadRows({ lead, isOpen, onToggle }: { readonly lead: Lead; readonly isOpen: boolean; readonly onToggle: () => void }) {
  const name = lead.name ?? lead.email ?? lead.personId;
  const main = lead.reasons?.toSorted((left, right) => Math.abs(right.contribution) - Math.abs(left.contribution))[0];
  return (
    <Fragment>
      <tr className={isOpen ? 'lead-open' : undefined}>
        <td>
          <Link href={`/people/${encodeURIComponent(lead.personId)}`} className="lead-name wrap-anywhere">
            {name}
          </Link>
          <div className="faint wide-only">{lead.name === undefined ? null : lead.email}</div>
        </td>
        <td className="lead-meter">
          <ProbabilityMeter probability={lead.probability} />
        </td>
        <td className="soft wide-only">
          {main === undefined ? null : (
            <>
              <span className={main.contribution >= 0 ? 'sign-for' : 'sign-against'}>{main.contribution >= 0 ? '+' : '−'}</span> {main.text}
            </>
          )}
        </td>
        <td className="wide-only">
          <StateChip state={lead.status} />
        </td>
        <td className="soft wide-only end">
          <Moment at={lead.scoredAt} />
        </td>
        <td className="end">
          <button
            type="button"
            className="button button-quiet button-icon lead-toggle"
            aria-expanded={isOpen}
            aria-label={`Reasons for ${name}`}
            onClick={onToggle}
          >
            <Icon name="forward" />
          </button>
        </td>
      </tr>
      {isOpen ? (
        <tr>
          <td colSpan={6} className="lead-detail">
            <LeadScore lead={lead} />
            <PluginPanels place="lead" subject={lead.id} />
          </td>
        </tr>
      ) : null}
    </Fragment>
  );
}
