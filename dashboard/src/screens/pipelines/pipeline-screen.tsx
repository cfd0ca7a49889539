import type { ReactNode } from 'react';
import './pipelines.css';
import { toApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Environment, PipelineInfo } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { nameState } from '../../ui/state-chip.tsx';
import { Backfills } from './backfills.tsx';
import { Broadcasts } from './broadcasts.tsx';
import { DefinitionGraph } from './definition-graph.tsx';
import { DryRun } from './dry-run.tsx';
import { Explain } from './explain.tsx';
import { PauseSwitch } from './pause-switch.tsx';
import { PipelineFacts } from './pipeline-facts.tsx';
import { readEnvironment } from './pipeline-address.ts';
import { Rehearse } from './rehearse.tsx';
import { SettingsForm } from './settings-form.tsx';
import { Source } from './source.tsx';
import { StartByHand } from './start-by-hand.tsx';
import { Trigger } from './trigger.tsx';
import { Versions } from './versions.tsx';

/** What each part is given. */
export interface PipelinePartProps {
  readonly pipeline: PipelineInfo;
  readonly onChanged: (pipeline: PipelineInfo) => void;
  readonly place: Place;
}

interface PipelinePart {
  readonly show: string;
  readonly text: string;
  readonly fits: (pipeline: PipelineInfo) => boolean;
  readonly draw: (props: PipelinePartProps) => ReactNode;
}

const always = (): boolean => true;
const PARTS: readonly PipelinePart[] = [
  { show: '', text: 'Overview', fits: always, draw: (props) => <About {...props} /> },
  { show: 'start', text: 'Start by hand', fits: always, draw: (props) => <StartByHand {...props} /> },
  { show: 'dry-run', text: 'Dry run', fits: always, draw: (props) => <DryRun {...props} /> },
  { show: 'rehearse', text: 'Rehearse', fits: followsLog, draw: (props) => <Rehearse {...props} /> },
  { show: 'explain', text: 'Explain', fits: followsLog, draw: (props) => <Explain {...props} /> },
  { show: 'backfill', text: 'Backfill', fits: followsLog, draw: (props) => <Backfills {...props} /> },
  { show: 'broadcasts', text: 'Broadcasts', fits: isBroadcast, draw: (props) => <Broadcasts {...props} /> },
  { show: 'versions', text: 'Versions', fits: always, draw: (props) => <Versions {...props} /> },
];

/** One pipeline: what it does, its settings, and everything that may be asked of it and done with it. */
export function PipelineScreen({ id, place }: { readonly id: string; readonly place: Place }) {
  const environment = readEnvironment(place.query);
  const pipeline = useResource(`pipeline:${id}:${environment}`, (signal) => loadPipeline(id, environment, signal));
  const { value, replace } = pipeline;
  const show = place.query.get('show') ?? '';
  return (
    <>
      <PageHead
        title={value === undefined ? id : value.title || id}
        back={{ href: '/pipelines', text: 'Pipelines' }}
        lead={value === undefined ? undefined : <Trigger trigger={value.trigger} />}
      >
        {value === undefined ? null : (
          <>
            {(value.environment ?? 'production') === 'production' ? null : (
              <span className="chip">{nameState(value.environment ?? '')}</span>
            )}
            <PauseSwitch pipeline={value} onChanged={replace} />
          </>
        )}
      </PageHead>
      <Loaded resource={pipeline}>
        {(loaded) => {
          const parts = PARTS.filter(({ fits }) => fits(loaded));
          const part = parts.find((each) => each.show === show) ?? PARTS[0];
          return (
            <>
              <nav className="toolbar segmented" aria-label="Parts of this pipeline">
                {parts.map((each) => (
                  <Link
                    key={each.show}
                    href={withQuery(place, 'show', each.show)}
                    className="segment"
                    aria-current={each === part ? 'true' : undefined}
                  >
                    {each.text}
                  </Link>
                ))}
              </nav>
              {part?.draw({ pipeline: loaded, onChanged: replace, place })}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

/** Where nothing is in force in an environment, the runs in it are of production's version. */
async function loadPipeline(id: string, environment: Environment, signal: AbortSignal): Promise<PipelineInfo> {
  try {
    return await api.pipeline(id, environment, signal);
  } catch (thrown) {
    if (environment === 'production' || toApiProblem(thrown).status !== 404) throw thrown;
    return api.pipeline(id, 'production', signal);
  }
}

function About({ pipeline, onChanged }: PipelinePartProps) {
  return (
    <div className="columns">
      <DefinitionGraph pipeline={pipeline} />
      <div className="stack">
        <SettingsForm key={`${pipeline.id}@${String(pipeline.version)}`} pipeline={pipeline} onSaved={onChanged} />
        <PipelineFacts pipeline={pipeline} />
        <Source source={pipeline.source} />
      </div>
    </div>
  );
}

function followsLog({ trigger }: PipelineInfo): boolean {
  return 'event' in trigger;
}

function isBroadcast({ trigger }: PipelineInfo): boolean {
  return 'broadcast' in trigger;
}
