import { tellShare } from './number.ts';

/** A share of a whole as a bar with its percentage. */
export function ShareBar({ ratio }: { readonly ratio: number }) {
  return (
    <span className="meter">
      <span className="meter-track" aria-hidden="true">
        <span className="meter-fill" style={{ display: 'block', width: `${String(Math.min(100, ratio * 100))}%` }} />
      </span>
      <span className="meter-value">{tellShare(ratio)}</span>
    </span>
  );
}
