import './overview.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import { useLive } from '../../live/live-context.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { SkeletonList } from '../../ui/skeleton.tsx';
import { PluginPanels } from '../plugins/plugin-panels.tsx';
import { Arriving } from './arriving.tsx';
import { BestLeads } from './best-leads.tsx';
import { Counters } from './counters.tsx';
import { Followers } from './followers.tsx';
import { Pulse } from './pulse.tsx';
import { Reached } from './reached.tsx';
import { RunStates } from './run-states.tsx';
import { GoingOn } from './going-on.tsx';

/** What is going on now, moving while one looks. */
export function OverviewScreen() {
  const live = useLive((snapshot) => snapshot.overview);
  const fetched = useResource('overview', (signal) => api.overview(signal));
  const overview = live ?? fetched.value;
  if (overview === undefined) {
    return (
      <>
        <PageHead title="Overview" />
        {fetched.problem === undefined ? (
          <div className="panel">
            <SkeletonList lines={10} />
          </div>
        ) : (
          <Problem problem={fetched.problem} onRetry={fetched.reload} />
        )}
      </>
    );
  }
  return (
    <>
      <PageHead title="Overview" lead={<GoingOn overview={overview} />} />
      <div className="stack">
        <Pulse overview={overview} />
        <Counters overview={overview} />
        <div className="columns">
          <div className="stack">
            <Arriving hasAny={overview.events.total > 0} />
            <Followers consumers={overview.consumers} />
          </div>
          <div className="stack">
            <RunStates runs={overview.runs} />
            <Reached sandbox={overview.sandbox} />
            <BestLeads leads={overview.leads} />
          </div>
        </div>
        <PluginPanels place="overview" />
      </div>
    </>
  );
}
