import './leads.css';
import { leadsApi } from '../../api/customers/leads.ts';
import type { LeadDetail } from '../../api/customers/leads.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellShare } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { PluginPanels } from '../plugins/plugin-panels.tsx';
import { LeadActions } from './lead-actions.tsx';
import { LeadReasons } from './lead-reasons.tsx';
import { ScoreParts } from './score-parts.tsx';
import { StageByHand } from './stage-by-hand.tsx';

const REFRESH_MS = 8_000;

/** One lead: its score with the reasons, how it was qualified, and what can be done. */
export function LeadScreen({ id }: { readonly id: string }) {
  const lead = useResource(`lead-detail:${id}`, (signal) => leadsApi.get(id, signal), REFRESH_MS);
  const owners = useResource('lead-owners', (signal) => leadsApi.owners(signal));
  const { value } = lead;
  return (
    <>
      <PageHead
        title={value === undefined ? 'Lead' : (value.name ?? value.email ?? id)}
        back={{ href: '/leads', text: 'Leads' }}
        lead={value?.email}
      >
        {value === undefined ? null : (
          <>
            <StateChip state={value.status} />
            <Link href={`/people/${encodeURIComponent(value.person)}`} className="button">
              The person
            </Link>
          </>
        )}
      </PageHead>
      <Loaded resource={lead}>
        {(loaded) => (
          <div className="columns">
            <div className="stack">
              <section className="panel" aria-labelledby="score-title">
                <div className="panel-head">
                  <h2 id="score-title">Score</h2>
                  <ScoreParts lead={loaded} />
                </div>
                <div className="panel-body">
                  <LeadReasons lead={loaded} />
                </div>
              </section>
              <StageHistory lead={loaded} />
              <PluginPanels place="lead" subject={loaded.id} />
            </div>
            <div className="stack">
              <section className="panel" aria-labelledby="do-title">
                <div className="panel-head">
                  <h2 id="do-title">What to do with it</h2>
                </div>
                <div className="panel-body">
                  <LeadActions lead={loaded} owners={owners.value?.owners ?? []} onChanged={lead.reload} />
                </div>
              </section>
              <LeadFacts lead={loaded} />
            </div>
          </div>
        )}
      </Loaded>
      {value === undefined ? null : <StageByHand lead={value} onChanged={lead.reload} />}
    </>
  );
}

function LeadFacts({ lead }: { readonly lead: LeadDetail }) {
  return (
    <section className="panel" aria-labelledby="lead-facts">
      <div className="panel-head">
        <h2 id="lead-facts">About it</h2>
      </div>
      <dl className="facts panel-body">
        {lead.phone === undefined ? null : (
          <>
            <dt>Phone</dt>
            <dd>{lead.phone}</dd>
          </>
        )}
        <dt>Came by</dt>
        <dd>{lead.source === '$identify' ? 'Identify' : lead.source}</dd>
        <dt>Since</dt>
        <dd>
          <Moment at={lead.capturedAt} />
        </dd>
        <dt>Last doing</dt>
        <dd>
          <Moment at={lead.activityAt} />
        </dd>
        <dt>Stage</dt>
        <dd>
          {lead.stage ?? 'none'}
          {lead.isStageByHand ? ', set by hand' : ''}
          {lead.stageAt === undefined ? null : (
            <>
              {' '}
              <span className="faint">
                <Moment at={lead.stageAt} />
              </span>
            </>
          )}
        </dd>
        {lead.snoozedUntil === undefined ? null : (
          <>
            <dt>Left aside until</dt>
            <dd>
              <Moment at={lead.snoozedUntil} />
            </dd>
          </>
        )}
        {lead.mergedLeads.length < 2 ? null : (
          <>
            <dt>Made of</dt>
            <dd className="mono">{lead.mergedLeads.join(', ')}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function StageHistory({ lead }: { readonly lead: LeadDetail }) {
  return (
    <section className="panel" aria-labelledby="stages-title">
      <div className="panel-head">
        <h2 id="stages-title">How it was qualified</h2>
      </div>
      {lead.history.length === 0 ? (
        <p className="panel-body small soft">It was in no stage so far. Rules for stages stand in the settings of the plugin Leads.</p>
      ) : (
        <ol className="stage-history">
          {lead.history.toReversed().map((change) => (
            <li key={`${String(change.at)} ${change.stage ?? ''}`}>
              <p>
                <b>{change.stage ?? 'No stage'}</b>
                <span className="soft">
                  {change.from === null ? '' : ` after ${change.from}`}, by {change.by === 'person' ? 'hand' : 'rule'}
                  {change.probability === undefined ? '' : ` at ${tellShare(change.probability)}`}
                </span>{' '}
                <span className="faint">
                  <Moment at={change.at} />
                </span>
              </p>
              {change.reasons.map((reason) => (
                <code key={reason} className="wrap-anywhere">
                  {reason}
                </code>
              ))}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
