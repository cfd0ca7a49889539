import type { Request } from 'express';
import type { JsonObject } from '@tendril/plugin-api';
import type { Hub, PluginCandidate } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Route, Router, RouteRequest } from '../http/route.ts';
import type { PluginCalls } from '../stream/plugin-calls.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';
import { writePluginData } from './plugin-data-export.ts';

interface Identified {
  readonly id: string;
}

/** What the routes of plugins need. */
export interface PluginsRouterNeeds {
  readonly hub: Pick<Hub, 'plugins'>;
  readonly calls: PluginCalls;
  /** Whether the key or session of a stream is still good. */
  readonly isStillIn: (req: Request) => Promise<boolean>;
  readonly onFault: (failure: unknown, requestId: string) => void;
}

const CANDIDATE_BYTES = 4_000_000;

async function find({ tenant, path }: RouteRequest<Identified, unknown, unknown>): Promise<object> {
  return required(
    (await tenant.plugins.list()).find(({ id }) => id === path.id),
    'PLUGIN_UNKNOWN',
    { plugin: path.id },
  );
}

function switchRoute(verb: 'disable' | 'resume', summary: string, description?: string): Route {
  return defineRoute<{ path: Identified }>({
    method: 'post',
    path: `/v1/plugins/{id}/${verb}`,
    summary,
    ...(description !== undefined && { description }),
    access: ['admin'],
    answer: 'Plugin',
    handle: async (request) => {
      await request.tenant.plugins[verb](request.path.id);
      return find(request);
    },
  });
}

/** Plugins as the tenant uses them. */
export function createPluginsRouter({ hub, calls, isStillIn, onFault }: PluginsRouterNeeds): Router {
  return {
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
      defineRoute({
        method: 'post',
        path: '/v1/plugins/reload',
        summary: 'Finds the plugins of the installation again and takes up what is new, changed or gone',
        description: 'Of this process. What is faulty is named, and the version that runs stays. Safe to repeat.',
        access: 'operator',
        answer: 'PluginReload',
        handle: () => hub.plugins.reload(),
      }),
      defineRoute<{ path: Identified }>({
        method: 'get',
        path: '/v1/plugins/{id}',
        summary: 'A plugin with its settings',
        access: ['read'],
        answer: 'Plugin',
        handle: find,
      }),
      defineRoute<{ path: Identified; body: { readonly consent?: string; readonly settings?: JsonObject } }>({
        method: 'post',
        path: '/v1/plugins/{id}/enable',
        summary: 'Enables a plugin with what it requires',
        description:
          'One that is neither part of Tendril nor trusted by the operator needs `consent`: the `permissionsHash` of the permissions that ' +
          'somebody was shown. Enabling it again consents to what a new version asks for.',
        access: ['admin'],
        body: 'PluginEnabling',
        isBodyOptional: true,
        answer: 'Plugin',
        handle: async (request) => {
          await request.tenant.plugins.enable(request.path.id, request.body);
          return find(request);
        },
      }),
      switchRoute('disable', 'Disables a plugin that no other needs'),
      switchRoute('resume', 'Lets a plugin go on that was stopped because it failed too often'),
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
      defineRoute<{ path: Identified; body: PluginCandidate }>({
        method: 'post',
        path: '/v1/plugins/{id}/plan',
        summary: 'What a version that is not installed would change for the tenant',
        description: 'Permissions, contributions, deployed pipelines that would be refused, runs that sleep. Nothing is changed by asking.',
        access: ['admin'],
        body: 'PluginCandidate',
        bodyBytes: CANDIDATE_BYTES,
        answer: 'UpgradePlan',
        handle: ({ tenant, path, body }) => tenant.plugins.plan(path.id, body),
      }),
      {
        method: 'get',
        path: '/v1/plugins/{id}/data',
        summary: 'Everything that a plugin keeps for the tenant, one JSON document a line',
        description: 'Rows of its tables as `{table, row}`, then its values as `{key, value, expiresAt}`.',
        access: ['admin'],
        answerType: 'application/x-ndjson',
        async write(_req, res, request) {
          if (request === undefined) return;
          const { id } = request.path as Identified;
          await writePluginData(res, request.tenant.plugins.exportData(id), (failure) => onFault(failure, request.requestId));
        },
      },
      defineRoute<{ path: Identified }>({
        method: 'delete',
        path: '/v1/plugins/{id}/data',
        summary: 'Deletes what a disabled plugin keeps for the tenant',
        description: 'In batches: what was deleted stays so when it is cut short, and asking again goes on.',
        access: ['admin'],
        answer: 'PluginDataDeleted',
        handle: ({ tenant, path }) => tenant.plugins.deleteData(path.id),
      }),
      {
        method: 'get',
        path: '/v1/plugins/{id}/calls',
        summary: "Server-sent events of the plugin's calls, for whoever develops it",
        description:
          'Messages: `call` with the handler, its duration, outcome, input and output, without secrets and personal details; `dropped` with ' +
          '`{count}` when the reader was too slow. Calls of this process only.',
        access: ['admin'],
        answerType: 'text/event-stream',
        write(req, res, request) {
          if (request !== undefined) calls.open(res, request as RouteRequest<Identified, unknown, unknown>, () => isStillIn(req));
        },
      },
    ],
  };
}
