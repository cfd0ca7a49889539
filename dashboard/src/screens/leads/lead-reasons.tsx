import './leads.css';
import type { LeadDetail } from '../../api/customers/leads.ts';
import { Moment } from '../../ui/moment.tsx';
import { tellShare } from '../../ui/number.ts';
import { tellMoney, tellPart } from './lead-words.ts';
import { ReasonBars, strongestOf } from './reason-bars.tsx';

/** Why a lead stands where it does: who they are and what they did, apart. */
export function LeadReasons({ lead }: { readonly lead: LeadDetail }) {
  const { probability, reasons } = lead;
  if (probability === null) return <p className="soft small">Not scored yet: the score follows the first events that say something.</p>;
  const parts = [
    { title: `Who they are: ${tellPart(lead.fit)}`, reasons: reasons.filter(({ part }) => part === 'fit') },
    { title: `What they did: ${tellPart(lead.behaviour)}`, reasons: reasons.filter(({ part }) => part === 'behaviour') },
    { title: 'Other reasons', reasons: reasons.filter(({ part }) => part === undefined) },
  ].filter((part) => part.reasons.length > 0);
  return (
    <div className="stack">
      <p className="score-line">
        <span className="score number">{tellShare(probability)}</span>
        <span className="soft small">
          likely to buy
          {lead.expectedValueCents === null ? '' : ` · worth ${tellMoney(lead.expectedValueCents, lead.currency)} on average`} · model{' '}
          {lead.modelVersion === undefined || lead.modelVersion === 0 ? 'none, by points' : lead.modelVersion} · scored{' '}
          <Moment at={lead.scoredAt} />
        </span>
      </p>
      {parts.length === 0 ? <p className="soft small">Nothing stands out: like the average lead.</p> : null}
      {parts.map((part) => (
        <section key={part.title} aria-label={part.title}>
          <h3>{part.title}</h3>
          <ReasonBars reasons={part.reasons} scale={strongestOf(reasons)} />
        </section>
      ))}
    </div>
  );
}
