import type { ConsumerState } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { tellDuration } from '../../ui/instant.ts';
import { tellCount } from '../../ui/number.ts';
import { StateChip } from '../../ui/state-chip.tsx';

/** How far each consumer of the log is. */
export function Followers({ consumers }: { readonly consumers: readonly ConsumerState[] }) {
  return (
    <section className="panel" aria-labelledby="followers-title">
      <div className="panel-head">
        <h2 id="followers-title">Following the log</h2>
      </div>
      {consumers.length === 0 ? (
        <Empty icon="clock" title="No plugin follows the log">
          Enable one with: tendril plugins enable profiles
        </Empty>
      ) : (
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Consumer</th>
                <th scope="col" className="end wide-only">
                  Position
                </th>
                <th scope="col" className="end">
                  Behind
                </th>
                <th scope="col" className="end">
                  Set aside
                </th>
              </tr>
            </thead>
            <tbody>
              {consumers.map((consumer) => (
                <FollowerRow key={consumer.id} consumer={consumer} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function FollowerRow({ consumer }: { readonly consumer: ConsumerState }) {
  return (
    <tr>
      <td>
        <span className="row">
          {consumer.id}
          {consumer.isPaused ? <StateChip state="paused" /> : null}
        </span>
      </td>
      <td className="end number wide-only">{tellCount(consumer.position)}</td>
      <td className="end number">
        {consumer.lag === 0 ? <span className="faint">nothing</span> : `${tellCount(consumer.lag)} · ${tellDuration(consumer.lagMs)}`}
      </td>
      <td className="end number">
        {consumer.setAside === 0 ? (
          <span className="faint">none</span>
        ) : (
          <span className="chip chip-warn">{tellCount(consumer.setAside)}</span>
        )}
      </td>
    </tr>
  );
}
