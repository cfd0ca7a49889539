import type { JsonObject } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Named {
  readonly name: string;
}

interface ActionCall {
  readonly input: JsonObject;
  readonly connection?: string;
  readonly isDryRun?: boolean;
}

/** The registry of actions and the one way to call them. */
export const actionsRouter: Router = {
  tag: 'actions',
  description: 'Typed verbs that plugins contribute: the only way anything is done.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/actions',
      summary: 'Actions with their schemas',
      access: ['read', 'actions'],
      query: 'PageQuery',
      answer: 'ActionPage',
      handle: async ({ tenant, query }) => pageOf(await tenant.actions.list(), query),
    }),
    defineRoute<{ path: Named }>({
      method: 'get',
      path: '/v1/actions/{name}',
      summary: 'An action with its schemas',
      access: ['read', 'actions'],
      answer: 'Action',
      handle: async ({ tenant, path }) =>
        required(
          (await tenant.actions.list()).find(({ name }) => name === path.name),
          'ACTION_UNKNOWN',
          { action: path.name },
        ),
    }),
    defineRoute<{ path: Named; query: { readonly connection?: string; readonly refresh?: boolean } }>({
      method: 'get',
      path: '/v1/actions/{name}/fields',
      summary: 'Choices and extra fields that depend on the account',
      description: 'Kept for an hour, and for as long as the service does not answer.',
      access: ['read', 'actions'],
      query: 'DynamicFieldsQuery',
      answer: 'DynamicFields',
      handle: async ({ tenant, path, query }) => ({
        items: (await tenant.actions.fields(path.name, query)).map((field) => withInstants(field, ['fetchedAt'])),
      }),
    }),
    defineRoute<{ path: Named; body: ActionCall }>({
      method: 'post',
      path: '/v1/actions/{name}',
      summary: 'Calls an action',
      description: 'A call that is not `read` is a one-step run. With `idempotency-key` a second call answers as the first did.',
      access: ['actions'],
      body: 'ActionCall',
      takesIdempotencyKey: true,
      answer: 'ActionAnswer',
      handle: async ({ tenant, principal, path, body, requestId, idempotencyKey }) => {
        const { input, ...options } = body;
        return tenant.actions.call(path.name, input, {
          ...options,
          principal,
          requestId,
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        });
      },
    }),
  ],
};
