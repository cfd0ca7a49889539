import { tellShare } from './number.ts';

/** A probability as a bar with its number. */
export function ProbabilityMeter({ probability }: { readonly probability: number | null | undefined }) {
  if (probability === null || probability === undefined) return <span className="faint">not scored yet</span>;
  return (
    <span className="meter">
      <span
        className="meter-track"
        role="meter"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(probability * 100)}
        aria-label="Probability"
      >
        <span className="meter-fill" style={{ display: 'block', width: `${String(Math.max(1, probability * 100))}%` }} />
      </span>
      <span className="meter-value">{tellShare(probability)}</span>
    </span>
  );
}
