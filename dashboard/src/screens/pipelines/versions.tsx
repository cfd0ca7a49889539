import { useCallback, useState } from 'react';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import type { Environment, PipelineVersion } from '../../api/types.ts';
import { Choice } from '../../ui/choice.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Icon } from '../../ui/icon.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { nameState } from '../../ui/state-chip.tsx';
import { navigate } from '../../routing/router.ts';
import { ENVIRONMENTS, pipelineAddress } from './pipeline-address.ts';
import type { PipelinePartProps } from './pipeline-screen.tsx';
import { Source } from './source.tsx';

/** What was deployed before; any of them can be put in force again. */
export function Versions({ pipeline, onChanged }: PipelinePartProps) {
  const { id, environment = 'production' } = pipeline;
  const [rollbackTo, setRollbackTo] = useState<number | undefined>(undefined);
  const [isPromoting, setPromoting] = useState(false);
  const load = useCallback(
    async (cursor: string | undefined, signal?: AbortSignal) => {
      const page = await api.versions(id, { cursor }, signal);
      return { ...page, items: page.items.map((each) => ({ ...each, id: String(each.version) })) };
    },
    [id],
  );
  const versions = usePaged(`versions:${id}`, load);
  return (
    <section className="panel" aria-labelledby="versions-title">
      <div className="panel-head">
        <h2 id="versions-title">Versions</h2>
        <button type="button" className="button" onClick={() => setPromoting(true)}>
          <Icon name="forward" />
          Promote version {pipeline.version} …
        </button>
      </div>
      <Loaded resource={versions}>
        {(items) => (
          <ol className="simulated">
            {items.map((version) => (
              <VersionLine key={version.id} version={version} current={pipeline.version} onRollback={setRollbackTo} />
            ))}
          </ol>
        )}
      </Loaded>
      <LoadMore paged={versions} />
      {rollbackTo === undefined ? null : (
        <Confirm
          title={`Put version ${String(rollbackTo)} in force?`}
          action={`Put version ${String(rollbackTo)} in force`}
          onClose={() => setRollbackTo(undefined)}
          onConfirm={async () => {
            onChanged(await api.rollbackPipeline(id, environment, rollbackTo));
            versions.reload();
          }}
        >
          <p>
            It replaces version {pipeline.version} in {environment} for runs that start from now on. Runs in flight keep theirs. It is
            checked again first, as things stand today.
          </p>
        </Confirm>
      )}
      {isPromoting ? <PromoteDialog id={id} version={pipeline.version} from={environment} onClose={() => setPromoting(false)} /> : null}
    </section>
  );
}

interface VersionLineProps {
  readonly version: PipelineVersion;
  readonly current: number;
  readonly onRollback: (version: number) => void;
}

function VersionLine({ version, current, onRollback }: VersionLineProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="simulated-step">
      <div className="row-between">
        <span className="row">
          <strong>Version {version.version}</strong>
          {version.environments.map((environment) => (
            <span key={environment} className="chip chip-good">
              in {environment}
            </span>
          ))}
          <span className="small faint">
            <Moment at={version.createdAt} />
          </span>
        </span>
        {version.version === current ? (
          <span className="small soft">in force here</span>
        ) : (
          <button type="button" className="button" onClick={() => onRollback(version.version)}>
            <Icon name="undo" />
            Put in force<span className="visually-hidden"> version {version.version}</span>
          </button>
        )}
      </div>
      <details className="part" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="part-title">Source</span>
        </summary>
        {isOpen ? <Source source={version.source} /> : null}
      </details>
    </li>
  );
}

interface PromoteDialogProps {
  readonly id: string;
  readonly version: number;
  readonly from: Environment;
  readonly onClose: () => void;
}

function PromoteDialog({ id, version, from, onClose }: PromoteDialogProps) {
  const others = ENVIRONMENTS.filter((each) => each !== from);
  const [to, setTo] = useState<Environment>(others.at(-1) ?? 'production');
  return (
    <Confirm
      title={`Put version ${String(version)} in force elsewhere?`}
      action={`Put it in ${to}`}
      onClose={onClose}
      onConfirm={async () => {
        await api.promotePipeline(id, from, to);
        navigate(pipelineAddress(id, to));
      }}
    >
      <p>Settings of the target stay where they still fit.</p>
      <Choice legend="Where" value={to} onChange={setTo} options={others.map((value) => ({ value, text: nameState(value) }))} />
    </Confirm>
  );
}
