import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { ReadyPipeline } from '../../api/types.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { TitledPanel } from './titled-panel.tsx';

/** The pipelines that come with a plugin: added paused, set and resumed where they are shown. */
export function ReadyPipelines({ id }: { readonly id: string }) {
  const pipelines = useResource(`ready-pipelines:${id}`, (signal) => api.readyPipelines(id, signal));
  useReloadOn('pipelines', pipelines.reload);
  return (
    <TitledPanel title="Ready-made pipelines">
      <Loaded resource={pipelines} skeletonLines={2}>
        {(items) => (
          <ul>
            {items.map((pipeline) => (
              <Ready key={pipeline.id} plugin={id} pipeline={pipeline} onAdded={pipelines.reload} />
            ))}
          </ul>
        )}
      </Loaded>
    </TitledPanel>
  );
}

interface ReadyProps {
  readonly plugin: string;
  readonly pipeline: ReadyPipeline;
  readonly onAdded: () => void;
}

function Ready({ plugin, pipeline, onAdded }: ReadyProps) {
  const task = useTask();
  const { state, hasNewer, title, name } = pipeline;
  const canAdd = state === 'absent' || (state === 'added' && hasNewer);
  async function add(): Promise<void> {
    await task.run(async () => {
      await api.addReadyPipeline(plugin, pipeline.id);
      onAdded();
    });
  }
  return (
    <li className="plugin-item">
      <div className="row-between">
        <h3 className="plugin-item-name">
          {state === 'absent' ? title : <Link href={`/pipelines/${encodeURIComponent(name)}`}>{title}</Link>}
        </h3>
        {canAdd ? (
          <button
            type="button"
            className="button"
            disabled={task.isBusy}
            onClick={() => void add()}
            aria-label={`${state === 'absent' ? 'Add' : 'Bring up to date'}: ${title}`}
          >
            {task.isBusy ? 'One moment…' : state === 'absent' ? 'Add' : 'Bring up to date'}
          </button>
        ) : null}
      </div>
      {pipeline.description === undefined ? null : <p className="small soft">{pipeline.description}</p>}
      <p className="small soft" role="status">
        {tellState(pipeline)}
      </p>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
    </li>
  );
}

function tellState({ state, isPaused, hasNewer, addedFromVersion }: ReadyPipeline): string {
  if (state === 'absent') return 'Not added yet. It is added paused, with its default settings.';
  if (state === 'edited') return 'Somebody has changed it, or another pipeline has its name. It stays as it is.';
  const from = addedFromVersion === undefined ? '' : ` from version ${addedFromVersion}`;
  const added = `Added${from}${isPaused === true ? ', paused: set it and resume it on its page' : ''}.`;
  return hasNewer ? `${added} The plugin has a newer text of it.` : added;
}
