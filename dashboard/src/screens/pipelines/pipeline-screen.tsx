import { useState } from 'react';
import './pipelines.css';
import { toApiProblem } from '../../api/api-problem.ts';
import type { ApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { PipelineInfo } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { SettingsForm } from './settings-form.tsx';
import { Source } from './source.tsx';
import { Trigger } from './trigger.tsx';

/** One pipeline: its settings as a form, its source, and the switch that pauses it. */
export function PipelineScreen({ id }: { readonly id: string }) {
  const pipeline = useResource(`pipeline:${id}`, (signal) => api.pipeline(id, signal));
  const { value, replace } = pipeline;
  return (
    <>
      <PageHead
        title={value === undefined ? id : value.title || id}
        back={{ href: '/pipelines', text: 'Pipelines' }}
        lead={value === undefined ? undefined : <Trigger trigger={value.trigger} />}
      >
        {value === undefined ? null : <PauseSwitch pipeline={value} onChanged={replace} />}
      </PageHead>
      <Loaded resource={pipeline}>
        {(loaded) => (
          <div className="columns">
            <Source source={loaded.source} />
            <div className="stack">
              <SettingsForm key={loaded.id} pipeline={loaded} onSaved={replace} />
              <aside className="panel panel-body pipeline-facts" aria-label="About this pipeline">
                <dl className="facts">
                  <dt>Id</dt>
                  <dd className="mono">{loaded.id}</dd>
                  <dt>Version</dt>
                  <dd>{loaded.version}</dd>
                  <dt>Deployed</dt>
                  <dd>
                    <Moment at={loaded.deployedAt} />
                  </dd>
                  <dt>Runs</dt>
                  <dd>
                    <Link href={`/runs?pipeline=${encodeURIComponent(loaded.id)}`}>Runs of this pipeline</Link>
                  </dd>
                </dl>
              </aside>
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function PauseSwitch({ pipeline, onChanged }: { readonly pipeline: PipelineInfo; readonly onChanged: (pipeline: PipelineInfo) => void }) {
  const [isTurning, setTurning] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  async function turn(): Promise<void> {
    setTurning(true);
    setProblem(undefined);
    try {
      await (pipeline.isPaused ? api.resumePipeline(pipeline.id) : api.pausePipeline(pipeline.id));
      onChanged({ ...pipeline, isPaused: !pipeline.isPaused });
    } catch (thrown) {
      setProblem(toApiProblem(thrown));
    } finally {
      setTurning(false);
    }
  }
  return (
    <>
      {problem === undefined ? null : <Problem problem={problem} />}
      <StateChip state={pipeline.isPaused ? 'paused' : 'active'} />
      <button type="button" className="button" disabled={isTurning} onClick={() => void turn()}>
        <Icon name={pipeline.isPaused ? 'play' : 'pause'} />
        {pipeline.isPaused ? 'Resume pipeline' : 'Pause pipeline'}
      </button>
    </>
  );
}
