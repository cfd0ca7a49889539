import { tellCount } from './number.ts';

interface ProgressProps {
  readonly label: string;
  readonly done: number;
  /** Unknown while it is undefined. */
  readonly all: number | undefined;
}

/** How far something has come, as a bar with its numbers. */
export function Progress({ label, done, all }: ProgressProps) {
  const ratio = all === undefined || all === 0 ? 0 : Math.min(1, done / all);
  return (
    <div className="stack-tight">
      <div
        className="bar"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        {...(all === undefined ? {} : { 'aria-valuemax': all, 'aria-valuenow': Math.min(done, all) })}
      >
        <span className="bar-fill" style={{ width: `${String(ratio * 100)}%` }} />
      </div>
      <p className="small soft number">
        {tellCount(done)} {all === undefined ? '' : `of ${tellCount(all)}`}
      </p>
    </div>
  );
}
