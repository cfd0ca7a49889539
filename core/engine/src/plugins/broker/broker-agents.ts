import http from 'node:http';
import https from 'node:https';
import type { Agents } from '@tendril/plugin-api';
import type { EgressScope } from './egress-scope.ts';
import type { Network } from './network.ts';

type AddRequest = (request: http.ClientRequest & { onSocket(socket: undefined, error: Error): void }, options: http.RequestOptions) => void;

/** Agents for one handler run over the hub's pools: they check each request and hold no connection of their own. */
export function createBrokerAgents(network: Network, scope: EgressScope, owner: string): Agents {
  function admit({ host, hostname, port, ...options }: http.RequestOptions): void {
    // A path leads to a socket of this machine, whatever the host says.
    if (typeof options.socketPath === 'string') throw scope.refuse('local socket');
    scope.admit(host ?? hostname ?? 'localhost', Number(port));
  }

  function addTo(pool: http.Agent): AddRequest {
    const add = (pool as unknown as { addRequest: AddRequest }).addRequest;
    return (request, options) => {
      try {
        admit(options);
        add.call(pool, request, { ...options, owner } as http.RequestOptions);
      } catch (error) {
        request.onSocket(undefined, error as Error);
      }
    };
  }

  /** For who speaks the protocol itself: a connection that was checked as a request is, kept in no pool. */
  function connectBy(pool: http.Agent): http.Agent['createConnection'] {
    return (options, callback) => {
      admit(options);
      // Of a connection by itself the path is that of a local socket, too.
      if (typeof options.path === 'string') throw scope.refuse('local socket');
      return pool.createConnection(options, callback);
    };
  }

  // keepAlive keeps requests from asking the server to close; the pools decide what happens to the connection.
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  Object.assign(agents.http, { addRequest: addTo(network.pools.http), createConnection: connectBy(network.pools.http) });
  Object.assign(agents.https, { addRequest: addTo(network.pools.https), createConnection: connectBy(network.pools.https) });
  return agents;
}
