import './pipelines.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Trigger } from './trigger.tsx';

/** The pipelines that are deployed. */
export function PipelinesScreen() {
  const pipelines = useResource('pipelines', (signal) => api.pipelines(signal));
  return (
    <>
      <PageHead title="Pipelines" lead="What happens when something happens. Files deployed with tendril pipelines deploy." />
      <section className="panel" aria-label="Pipelines">
        <Loaded resource={pipelines}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon="pipelines" title="No pipeline is deployed">
                Write one in YAML, then: tendril pipelines deploy FILE. A fault is shown with its line and the nearest valid name.
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table table-rows-linked">
                  <thead>
                    <tr>
                      <th scope="col">Pipeline</th>
                      <th scope="col" className="wide-only">
                        Starts with
                      </th>
                      <th scope="col">State</th>
                      <th scope="col" className="wide-only">
                        Version
                      </th>
                      <th scope="col" className="end wide-only">
                        Deployed
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((pipeline) => (
                      <tr key={pipeline.id}>
                        <td>
                          <Link href={`/pipelines/${encodeURIComponent(pipeline.id)}`} className="row-link">
                            {pipeline.title || pipeline.id}
                          </Link>
                          <div className="faint mono">{pipeline.id}</div>
                        </td>
                        <td className="wide-only">
                          <Trigger trigger={pipeline.trigger} />
                        </td>
                        <td>
                          <StateChip state={pipeline.isPaused ? 'paused' : 'active'} />
                        </td>
                        <td className="number wide-only">{pipeline.version}</td>
                        <td className="end soft wide-only">
                          <Moment at={pipeline.deployedAt} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
      </section>
    </>
  );
}
