import './setup.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { ConnectionInfo } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { nameService } from '../crm/service-name.ts';

/** Connections to outside services. */
export function SetupScreen() {
  return (
    <>
      <PageHead title="Connections" lead="Accounts at outside services. Changed on the command line for now." />
      <Connections />
    </>
  );
}

function Connections() {
  const connections = useResource('connections', (signal) => api.connections(signal));
  return (
    <section className="panel" aria-label="Connections">
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
          <h2 className="setup-name">{connection.name}</h2>
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
