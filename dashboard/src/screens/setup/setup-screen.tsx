import './setup.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { ConnectionInfo, PluginInfo } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellPlural } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { nameService } from '../crm/service-name.ts';
import { PluginPanels } from '../plugins/plugin-panels.tsx';
import { tellPermissions } from './permission-words.ts';

/** Connections to outside services, and plugins with what they may do. */
export function SetupScreen() {
  return (
    <>
      <PageHead
        title="Setup"
        lead="Accounts at outside services, and the plugins with what each may do. Changed on the command line for now."
      />
      <div className="stack">
        <Connections />
        <Plugins />
      </div>
    </>
  );
}

function Connections() {
  const connections = useResource('connections', (signal) => api.connections(signal));
  return (
    <section className="panel" aria-labelledby="connections-title">
      <div className="panel-head">
        <h2 id="connections-title">Connections</h2>
      </div>
      <Loaded resource={connections} skeletonLines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="plug" title="No connection yet">
              Add an account at a service with: tendril connections add. Its secrets are sealed and never shown.
            </Empty>
          ) : (
            <ul className="setup-list">
              {items.map((connection) => (
                <Connection key={connection.name} connection={connection} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function Connection({ connection }: { readonly connection: ConnectionInfo }) {
  return (
    <li className="setup-item">
      <div className="row-between">
        <div>
          <h3 className="setup-name">{connection.name}</h3>
          <p className="small soft">
            {nameService(connection.plugin)} by {connection.kind}
            {connection.isSandbox ? ', a sandbox' : ''} · tested <Moment at={connection.testedAt} />
          </p>
        </div>
        <StateChip state={connection.state} />
      </div>
      {connection.state === 'needs_login' ? (
        <p className="small soft">
          What uses it is blocked until somebody logs in: <code>tendril connections add {connection.name}</code>
        </p>
      ) : null}
    </li>
  );
}

function Plugins() {
  const plugins = useResource('plugins', (signal) => api.plugins(signal));
  return (
    <section className="panel" aria-labelledby="plugins-title">
      <div className="panel-head">
        <h2 id="plugins-title">Plugins</h2>
      </div>
      <Loaded resource={plugins} skeletonLines={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="plug" title="No plugin is installed">
              tendril plugins list shows what can be enabled.
            </Empty>
          ) : (
            <ul className="setup-list">
              {items.map((plugin) => (
                <Plugin key={plugin.id} plugin={plugin} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function Plugin({ plugin }: { readonly plugin: PluginInfo }) {
  const permissions = tellPermissions(plugin.permissions);
  return (
    <li className="setup-item">
      <div className="row-between">
        <h3 className="setup-name">
          {plugin.title} <span className="faint">{plugin.version}</span>
        </h3>
        <span className="row">
          {plugin.state === 'faulty' ? <StateChip state="faulty" /> : null}
          <StateChip state={plugin.isEnabled === false ? 'disabled' : 'enabled'} />
        </span>
      </div>
      <p className="small soft">{plugin.description}</p>
      <details className="setup-more">
        <summary>
          May do {tellPlural(permissions.length, 'thing')}, offers {tellPlural(plugin.actions.length, 'action')}
        </summary>
        <ul className="permissions">
          {permissions.length === 0 ? <li>It asks for nothing.</li> : permissions.map((sentence) => <li key={sentence}>{sentence}</li>)}
        </ul>
        <p className="row">
          {plugin.actions.map((action) => (
            <code key={action} className="chip">
              {action}
            </code>
          ))}
        </p>
      </details>
      {plugin.isEnabled === false ? null : <PluginPanels place="plugin" plugin={plugin.id} />}
    </li>
  );
}
