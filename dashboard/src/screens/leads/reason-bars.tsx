import type { ScoreReason } from '../../api/types.ts';

interface ReasonBarsProps {
  readonly reasons: readonly ScoreReason[];
  /** Contribution of the longest bar; that of the strongest reason unless told, as where several lists are compared. */
  readonly scale?: number;
}

/** The contribution of the strongest reason, above zero. */
export function strongestOf(reasons: readonly ScoreReason[]): number {
  return Math.max(...reasons.map((reason) => Math.abs(reason.contribution)), Number.EPSILON);
}

/** Reasons of a score as bars from a middle line: those that speak for go right, those against go left. */
export function ReasonBars({ reasons, scale }: ReasonBarsProps) {
  if (reasons.length === 0) return <p className="soft small">The model gave no reasons.</p>;
  const most = scale ?? strongestOf(reasons);
  const ordered = reasons.toSorted((left, right) => right.contribution - left.contribution);
  return (
    <div>
      <p className="reason reason-axis" aria-hidden="true">
        <span />
        <span className="reason-sides">
          <span>against</span>
          <span>for</span>
        </span>
      </p>
      <ul className="reasons" aria-label="Reasons of the score">
        {ordered.map((reason) => (
          <ReasonBar key={reason.feature + reason.text} reason={reason} most={most} />
        ))}
      </ul>
    </div>
  );
}

function ReasonBar({ reason, most }: { readonly reason: ScoreReason; readonly most: number }) {
  const isFor = reason.contribution >= 0;
  const share = `${String((Math.abs(reason.contribution) / most) * 50)}%`;
  return (
    <li className="reason">
      <span className="reason-text">{reason.text || reason.feature}</span>
      <span className="reason-bar" aria-hidden="true">
        <span className={isFor ? 'reason-for' : 'reason-against'} style={{ width: share }} />
      </span>
      <span className="reason-value number">
        <span className="visually-hidden">{isFor ? 'for: ' : 'against: '}</span>
        {isFor ? '+' : '−'}
        {Math.abs(reason.contribution).toFixed(2)}
      </span>
    </li>
  );
}
