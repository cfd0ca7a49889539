import type { JsonObject } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Route, Router, RouteRequest } from '../http/route.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

async function find({ tenant, path }: RouteRequest<Identified, unknown, unknown>): Promise<object> {
  return required(
    (await tenant.plugins.list()).find(({ id }) => id === path.id),
    'PLUGIN_UNKNOWN',
    { plugin: path.id },
  );
}

function switchRoute(verb: 'enable' | 'disable', summary: string): Route {
  return defineRoute<{ path: Identified }>({
    method: 'post',
    path: `/v1/plugins/{id}/${verb}`,
    summary,
    access: ['admin'],
    answer: 'Plugin',
    handle: async (request) => {
      await request.tenant.plugins[verb](request.path.id);
      return find(request);
    },
  });
}

/** Plugins as the tenant uses them. */
export const pluginsRouter: Router = {
  tag: 'plugins',
  description: 'Installed plugins, enabled and set for the tenant.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/plugins',
      summary: 'Plugins with their settings',
      access: ['read'],
      query: 'PageQuery',
      answer: 'PluginPage',
      handle: async ({ tenant, query }) => pageOf(await tenant.plugins.list(), query),
    }),
    defineRoute<{ path: Identified }>({
      method: 'get',
      path: '/v1/plugins/{id}',
      summary: 'A plugin with its settings',
      access: ['read'],
      answer: 'Plugin',
      handle: find,
    }),
    switchRoute('enable', 'Enables a plugin with what it requires'),
    switchRoute('disable', 'Disables a plugin that no other needs'),
    defineRoute<{ path: Identified; body: { readonly settings: JsonObject } }>({
      method: 'put',
      path: '/v1/plugins/{id}/settings',
      summary: 'Changes the settings',
      access: ['admin'],
      body: 'PluginSettings',
      answer: 'Plugin',
      handle: async (request) => {
        await request.tenant.plugins.configure(request.path.id, request.body.settings);
        return find(request);
      },
    }),
  ],
};
