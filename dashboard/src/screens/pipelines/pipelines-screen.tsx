import './pipelines.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { PipelineInfo } from '../../api/types.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { nameState, StateChip } from '../../ui/state-chip.tsx';
import { pipelineState } from './pause-switch.tsx';
import { ENVIRONMENTS, pipelineAddress } from './pipeline-address.ts';
import { Trigger } from './trigger.tsx';

/** The pipelines that are deployed. */
export function PipelinesScreen({ place }: { readonly place: Place }) {
  const pipelines = useResource('pipelines', (signal) => api.pipelines(signal));
  useReloadOn('pipelines', pipelines.reload);
  const environment = place.query.get('environment') ?? '';
  const isElsewhere = pipelines.value?.items.some((each) => (each.environment ?? 'production') !== 'production') ?? false;
  return (
    <>
      <PageHead title="Pipelines" lead="What happens when something happens. Files deployed with tendril pipelines deploy." />
      {isElsewhere || environment !== '' ? <EnvironmentFilter place={place} environment={environment} /> : null}
      <section className="panel" aria-label="Pipelines">
        <Loaded resource={pipelines}>
          {({ items }) => {
            const shown = items.filter((each) => environment === '' || (each.environment ?? 'production') === environment);
            if (shown.length > 0) return <PipelineTable pipelines={shown} />;
            return environment === '' ? (
              <Empty icon="pipelines" title="No pipeline is deployed">
                Write one in YAML, then: tendril pipelines deploy FILE. A fault is shown with its line and the nearest valid name.
              </Empty>
            ) : (
              <Empty icon="pipelines" title={`No pipeline in ${environment}`}>
                Deploy one there: tendril pipelines deploy FILE --environment {environment}
              </Empty>
            );
          }}
        </Loaded>
      </section>
    </>
  );
}

function EnvironmentFilter({ place, environment }: { readonly place: Place; readonly environment: string }) {
  return (
    <nav className="toolbar segmented" aria-label="Environment">
      {['', ...ENVIRONMENTS].map((each) => (
        <Link
          key={each}
          href={withQuery(place, 'environment', each)}
          className="segment"
          aria-current={each === environment ? 'true' : undefined}
        >
          {each === '' ? 'All environments' : nameState(each)}
        </Link>
      ))}
    </nav>
  );
}

function PipelineTable({ pipelines }: { readonly pipelines: readonly PipelineInfo[] }) {
  return (
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
          {pipelines.map((pipeline) => (
            <PipelineRow key={`${pipeline.id}:${pipeline.environment ?? ''}`} pipeline={pipeline} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PipelineRow({ pipeline }: { readonly pipeline: PipelineInfo }) {
  const { id, title, environment, nextAt, webhookPath, isPaused } = pipeline;
  return (
    <tr>
      <td>
        <Link href={pipelineAddress(id, environment)} className="row-link wrap-anywhere">
          {title || id}
        </Link>
        {environment === undefined || environment === 'production' ? null : <span className="chip run-environment">{environment}</span>}
        <div className="faint mono wrap-anywhere">{id}</div>
      </td>
      <td className="wide-only">
        <Trigger trigger={pipeline.trigger} />
        {nextAt === undefined || isPaused ? null : (
          <div className="faint">
            next <Moment at={nextAt} />
          </div>
        )}
        {webhookPath === undefined ? null : (
          <div className="row above">
            <code className="wrap-anywhere">{webhookPath}</code>
            <CopyButton text={new URL(webhookPath, location.origin).href} what={`the webhook address of ${id}`} />
          </div>
        )}
      </td>
      <td>
        <StateChip state={pipelineState(pipeline)} />
      </td>
      <td className="number wide-only">{pipeline.version}</td>
      <td className="end soft wide-only">
        <Moment at={pipeline.deployedAt} />
      </td>
    </tr>
  );
}
