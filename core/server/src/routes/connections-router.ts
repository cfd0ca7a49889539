import type { JsonObject } from '@tendril/plugin-api';
import type { ConnectionInfo } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { pageOf } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Named {
  readonly name: string;
}

interface NewConnection {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly values: JsonObject;
  readonly isSandbox?: boolean;
}

function show(connection: ConnectionInfo): object {
  return withInstants(connection, ['createdAt', 'testedAt']);
}

/** Accounts at outside services. */
export const connectionsRouter: Router = {
  tag: 'connections',
  description: 'Accounts at outside services; their secrets go in and never come out.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/connections',
      summary: 'Connections',
      access: ['read', 'connections'],
      query: 'PageQuery',
      answer: 'ConnectionPage',
      handle: async ({ tenant, query }) => pageOf((await tenant.connections.list()).map(show), query),
    }),
    defineRoute<{ body: NewConnection }>({
      method: 'post',
      path: '/v1/connections',
      summary: 'Adds a connection, or replaces the values of one, and wakes what is blocked by it',
      access: ['connections'],
      body: 'NewConnection',
      answer: 'Connection',
      handle: async ({ tenant, body }) => show(await tenant.connections.add(body)),
    }),
    defineRoute<{ path: Named }>({
      method: 'post',
      path: '/v1/connections/{name}/test',
      summary: 'Asks the service whether it accepts the connection',
      access: ['connections'],
      answer: 'ConnectionTest',
      handle: ({ tenant, path }) => tenant.connections.test(path.name),
    }),
    defineRoute<{ path: Named }>({
      method: 'delete',
      path: '/v1/connections/{name}',
      summary: 'Removes a connection and its sealed values',
      access: ['connections'],
      handle: ({ tenant, path }) => tenant.connections.remove(path.name),
    }),
  ],
};
