import type { DefinitionInfo } from '../../api/customers/segments.ts';
import { StateChip } from '../../ui/state-chip.tsx';

const STAGES = { counting: 'Reading the log', sorting: 'Looking at everybody', telling: 'Reporting who comes and goes' } as const;
const SHARES = { counting: 0, sorting: 1, telling: 2 } as const;

/** Where a definition stands, with how far its preparing is. */
export function DefinitionState({ of }: { readonly of: DefinitionInfo }) {
  const { progress } = of;
  if (progress === undefined) return <StateChip state={of.state} />;
  const percent = Math.round(((SHARES[progress.stage] + Math.min(1, progress.ratio)) / 3) * 100);
  const text = `${STAGES[progress.stage]}, ${String(percent)}%`;
  return (
    <span className="definition-state">
      <span
        className="bar"
        role="progressbar"
        aria-label={`Preparing version ${String(progress.version)}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span className="bar-fill" style={{ width: `${String(percent)}%` }} />
      </span>
      <span className="small soft">{of.state === 'changing' ? `${text}; the version before serves` : text}</span>
    </span>
  );
}
