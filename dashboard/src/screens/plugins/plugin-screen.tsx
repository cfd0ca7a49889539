import './plugins.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { PluginInfo } from '../../api/types.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { PluginPanels } from './plugin-panels.tsx';
import { pluginState, tellSource, tellWhereItRuns } from './plugin-words.ts';

const REFRESH_MS = 15_000;

/** One plugin: what it does, what it may do, and everything that is set or asked of it. */
export function PluginScreen({ id }: { readonly id: string }) {
  const plugin = useResource(`plugin:${id}`, (signal) => api.plugin(id, signal), REFRESH_MS);
  useReloadOn('plugins', plugin.reload);
  const { value } = plugin;
  return (
    <>
      <PageHead title={value?.title ?? id} back={{ href: '/plugins', text: 'Plugins' }} lead={value?.description}>
        {value === undefined ? null : <StateChip state={pluginState(value)} />}
      </PageHead>
      <Loaded resource={plugin}>
        {(loaded) => (
          <div className="columns">
            <div className="stack">{loaded.isEnabled ? <PluginPanels place="plugin" plugin={loaded.id} /> : null}</div>
            <div className="stack">
              <Permissions plugin={loaded} />
              <Facts plugin={loaded} />
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function Permissions({ plugin: { permissionsInWords } }: { readonly plugin: PluginInfo }) {
  return (
    <section className="panel" aria-labelledby="permissions-title">
      <div className="panel-head">
        <h2 id="permissions-title">What it may do</h2>
      </div>
      <div className="panel-body">
        <PermissionList sentences={permissionsInWords} />
      </div>
    </section>
  );
}

/** Permissions, a sentence each. */
export function PermissionList({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return <p className="small soft">It asks for nothing beyond its own input.</p>;
  return (
    <ul className="permissions">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

function Facts({ plugin }: { readonly plugin: PluginInfo }) {
  const source = tellSource(plugin);
  return (
    <section className="panel" aria-labelledby="facts-title">
      <div className="panel-head">
        <h2 id="facts-title">About it</h2>
      </div>
      <dl className="facts panel-body">
        <dt>Id</dt>
        <dd className="mono">{plugin.id}</dd>
        <dt>Version</dt>
        <dd className="number">{plugin.version}</dd>
        <dt>Runs</dt>
        <dd>{tellWhereItRuns(plugin)}</dd>
        {source === undefined ? null : (
          <>
            <dt>Installed from</dt>
            <dd>{source}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
