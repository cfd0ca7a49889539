import { tellDuration } from '../../ui/instant.ts';
import { tellCount, tellRate } from '../../ui/number.ts';
import { Problem } from '../../ui/problem.tsx';
import { stopImport } from './import-runner.ts';
import type { ImportRun } from './import-runner.ts';

/** How far the sending of a file is, how fast, and how long it will take. */
export function ImportProgress({ id, run }: { readonly id: string; readonly run: ImportRun }) {
  const percent = run.sizeBytes === 0 ? 0 : Math.min(100, (run.readBytes / run.sizeBytes) * 100);
  return (
    <section className="panel panel-body stack-tight import-progress" aria-label="Progress">
      <div className="row-between">
        <p className="import-count">
          <span className="number">{tellCount(run.rows)}</span> <span className="soft small">rows, {Math.floor(percent)}% of the file</span>
        </p>
        {run.state === 'sending' ? (
          <button type="button" className="button" onClick={() => stopImport(id)}>
            Stop for now
          </button>
        ) : null}
      </div>
      <div
        className="bar"
        role="progressbar"
        aria-label="Part of the file that was sent"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(percent)}
      >
        <span className="bar-fill" style={{ width: `${String(percent)}%` }} />
      </div>
      <p className="small soft number">{tellPace(run)}</p>
      <div role="status">
        {run.problem !== undefined && run.state === 'sending' ? (
          <p className="notice">{run.problem.message} It tries again by itself; nothing is lost.</p>
        ) : null}
        {run.state === 'stopped' ? <p className="small soft">Stopped. Choose the file again to go on.</p> : null}
      </div>
      {run.problem !== undefined && run.state === 'failed' ? <Problem problem={run.problem} /> : null}
    </section>
  );
}

function tellPace({ state, rowsPerSecond, remainingMs }: ImportRun): string {
  if (state !== 'sending') return '';
  if (rowsPerSecond === undefined) return 'This page may show other screens meanwhile; the tab has to stay open.';
  const left = remainingMs === undefined ? '' : `, about ${tellDuration(Math.max(1_000, remainingMs))} left`;
  return `${tellRate(rowsPerSecond)} rows a second${left}. The tab has to stay open.`;
}
