import './leads.css';
import type { Lead } from '../../api/types.ts';
import { Moment } from '../../ui/moment.tsx';
import { tellShare } from '../../ui/number.ts';
import { ReasonBars } from './reason-bars.tsx';

/** A lead's probability with its reasons. */
export function LeadScore({ lead }: { readonly lead: Lead }) {
  const { probability, reasons = [] } = lead;
  if (probability === null || probability === undefined)
    return <p className="soft small">Not scored yet: the score follows the first events that say something.</p>;
  return (
    <div className="stack-tight">
      <p className="score-line">
        <span className="score number">{tellShare(probability)}</span>
        <span className="soft small">
          likely to buy · model {lead.modelVersion ?? 'unknown'} · scored <Moment at={lead.scoredAt} />
        </span>
      </p>
      <ReasonBars reasons={reasons} />
    </div>
  );
}
