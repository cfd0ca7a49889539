import type { Freshness as Reach } from '../../api/customers/analytics.ts';
import { tellDuration } from '../../ui/instant.ts';
import { tellPlural } from '../../ui/number.ts';

/** How far behind the log an answer is. */
export function Freshness({ of }: { readonly of: Reach }) {
  return (
    <p className="small faint number freshness">
      {of.behindEvents === 0
        ? 'Up to date with the log.'
        : `${tellPlural(of.behindEvents, 'event')} behind the log, ${tellDuration(of.behindMs)} at most.`}
    </p>
  );
}
