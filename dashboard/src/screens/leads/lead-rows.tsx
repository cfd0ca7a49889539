import { Fragment } from 'react';
import type { LeadOwner, QueuedLead } from '../../api/customers/leads.ts';
import { Link } from '../../routing/link.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ProbabilityMeter } from '../../ui/meter.tsx';
import { Moment } from '../../ui/moment.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { PluginPanels } from '../plugins/plugin-panels.tsx';
import { LeadActions } from './lead-actions.tsx';
import { LeadReasons } from './lead-reasons.tsx';
import { tellMoney } from './lead-words.ts';
import { ScoreParts } from './score-parts.tsx';

interface LeadRowsProps {
  readonly lead: QueuedLead;
  readonly owners: readonly LeadOwner[];
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly onChanged: () => void;
}

/** A lead in the table: one line, and its reasons and what can be done below when it is open. */
export function LeadRows({ lead, owners, isOpen, onToggle, onChanged }: LeadRowsProps) {
  const name = lead.name ?? lead.email ?? lead.person;
  const owner = owners.find(({ id }) => id === lead.owner)?.name ?? lead.owner;
  return (
    <Fragment>
      <tr className={isOpen ? 'lead-open' : undefined}>
        <td>
          <Link href={`/leads/${encodeURIComponent(lead.id)}`} className="lead-name wrap-anywhere">
            {name}
          </Link>
          <div className="faint wide-only wrap-anywhere">{lead.name === undefined ? null : lead.email}</div>
        </td>
        <td className="lead-meter">
          <ProbabilityMeter probability={lead.probability} />
          {lead.expectedValueCents === null ? null : (
            <div className="small soft number">
              {tellMoney(lead.expectedValueCents, lead.currency)} <span className="wide-only">expected</span>
            </div>
          )}
        </td>
        <td className="wide-only">
          <ScoreParts lead={lead} />
        </td>
        <td className="wide-only">
          <span className="lead-stands">
            <StateChip state={lead.status} />
            {lead.stage === null ? null : <span className="chip">{lead.stage}</span>}
          </span>
          <div className="faint">{owner ?? ''}</div>
        </td>
        <td className="wide-only lead-next soft">
          {lead.nextStep ?? (lead.snoozedUntil === undefined ? '' : 'Left aside')}
          {lead.nextStep === undefined && lead.snoozedUntil !== undefined ? (
            <>
              {' '}
              until <Moment at={lead.snoozedUntil} />
            </>
          ) : null}
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
            <div className="stack">
              <p className="narrow-only small">{lead.nextStep}</p>
              <LeadActions lead={lead} owners={owners} onChanged={onChanged} />
              <LeadReasons lead={lead} />
              <PluginPanels place="lead" subject={lead.id} />
            </div>
          </td>
        </tr>
      ) : null}
    </Fragment>
  );
}
