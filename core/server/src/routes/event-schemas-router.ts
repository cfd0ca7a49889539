import type { JsonObject } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Named {
  readonly name: string;
}

/** Schemas of event names. */
export const eventSchemasRouter: Router = {
  tag: 'schemas',
  description: 'JSON Schemas that events of a name have to match; names without one are open.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/schemas',
      summary: 'Schemas in force',
      access: ['read'],
      query: 'PageQuery',
      answer: 'EventSchemaPage',
      handle: async ({ tenant, query }) =>
        pageOf(
          (await tenant.schemas.list()).map((schema) => withInstants(schema, ['createdAt'])),
          query,
        ),
    }),
    defineRoute<{ path: Named }>({
      method: 'get',
      path: '/v1/schemas/{name}',
      summary: 'The schema in force for an event name',
      access: ['read'],
      answer: 'EventSchema',
      handle: async ({ tenant, path }) => {
        const schemas = await tenant.schemas.list();
        return withInstants(
          required(
            schemas.find(({ name }) => name === path.name),
            'NOT_FOUND',
            { name: path.name },
          ),
          ['createdAt'],
        );
      },
    }),
    defineRoute<{ path: Named; body: { readonly schema: JsonObject } }>({
      method: 'put',
      path: '/v1/schemas/{name}',
      summary: 'Puts a new version in force for events from now on',
      access: ['write'],
      body: 'EventSchemaBody',
      answer: 'EventSchemaVersion',
      handle: async ({ tenant, path, body }) => ({ name: path.name, ...(await tenant.schemas.put(path.name, body.schema)) }),
    }),
    defineRoute<{ path: Named }>({
      method: 'delete',
      path: '/v1/schemas/{name}',
      summary: 'Opens the event name again',
      access: ['write'],
      handle: ({ tenant, path }) => tenant.schemas.remove(path.name),
    }),
  ],
};
