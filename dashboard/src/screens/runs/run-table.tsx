import type { RunInfo } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { tellDuration, toMs } from '../../ui/instant.ts';
import { Moment } from '../../ui/moment.tsx';
import { StateChip } from '../../ui/state-chip.tsx';

/** Runs as a table; each row leads to its run. */
export function RunTable({ runs }: { readonly runs: readonly RunInfo[] }) {
  return (
    <div className="table-scroll">
      <table className="table table-rows-linked">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">State</th>
            <th scope="col" className="wide-only">
              Person
            </th>
            <th scope="col" className="end wide-only">
              Took
            </th>
            <th scope="col" className="end">
              Started
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run }: { readonly run: RunInfo }) {
  const isElsewhere = run.environment !== undefined && run.environment !== 'production';
  return (
    <tr>
      <td>
        <Link href={`/runs/${encodeURIComponent(run.id)}`} className="row-link wrap-anywhere">
          {run.pipeline}
        </Link>
        {isElsewhere ? <span className="chip run-environment">{run.environment}</span> : null}
        <div className="faint mono wide-only">{run.id}</div>
      </td>
      <td>
        <StateChip state={run.state} />
      </td>
      <td className="wide-only">
        {run.personId === undefined ? null : (
          <Link href={`/people/${encodeURIComponent(run.personId)}`} className="above mono">
            {run.personId}
          </Link>
        )}
      </td>
      <td className="end number soft wide-only">
        {run.endedAt === undefined ? '' : tellDuration(toMs(run.endedAt) - toMs(run.startedAt))}
      </td>
      <td className="end soft">
        <Moment at={run.startedAt} />
      </td>
    </tr>
  );
}
