import type { LeadDetail } from '../../api/customers/leads.ts';
import { tellPart } from './lead-words.ts';

/** Fit and behaviour apart: who somebody is, and what they did. One half is average. */
export function ScoreParts({ lead }: { readonly lead: Pick<LeadDetail, 'fit' | 'behaviour'> }) {
  return (
    <span className="score-parts">
      <ScorePart name="Fit" value={lead.fit} />
      <ScorePart name="Behaviour" value={lead.behaviour} />
    </span>
  );
}

function ScorePart({ name, value }: { readonly name: string; readonly value: number | null }) {
  const words = tellPart(value);
  return (
    <span className="score-part" title={`${name}: ${words}`}>
      <span className="score-part-name">{name}</span>
      <span className="score-part-track" aria-hidden="true">
        {value === null ? null : (
          <span
            className={value >= 0.5 ? 'score-part-for' : 'score-part-against'}
            style={{ left: `${String(Math.min(value, 0.5) * 100)}%`, width: `${String(Math.max(2, Math.abs(value - 0.5) * 100))}%` }}
          />
        )}
      </span>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
