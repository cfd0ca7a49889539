import type { Hub, PanelPlace, PluginRoute } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Route, Router } from '../http/route.ts';
import { pageOf } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

interface PanelQuery extends PageQuery {
  readonly place?: PanelPlace;
  readonly plugin?: string;
}

interface WebhookPath extends Identified {
  readonly webhook: string;
}

/** What plugins contribute beside actions. */
export function createContributionsRouter(hub: Hub): Router {
  return {
    tag: 'contributions',
    description: 'What plugins contribute beside actions: routes, webhooks, panels and ready-made pipelines.',
    routes: [
      defineRoute<{ path: Identified; query: PageQuery }>({
        method: 'get',
        path: '/v1/plugins/{id}/routes',
        summary: 'Routes that the plugin answers',
        access: ['read'],
        query: 'PageQuery',
        answer: 'PluginRoutePage',
        handle: async ({ tenant, path, query }) => {
          if (!(await tenant.plugins.list()).some(({ id }) => id === path.id))
            throw new TendrilError('PLUGIN_UNKNOWN', { plugin: path.id });
          return pageOf(
            hub.pluginRoutes.list(path.id).map((route) => describe(route, tenant.tenant.id)),
            query,
          );
        },
      }),
      ...ownRoutes,
      ...webhookRoutes,
      ...panelRoutes,
      ...pipelineRoutes,
    ],
  };
}

/** As the document shows them: what they take and give is each plugin's own. They are answered before any of this is reached. */
const ownRoutes: readonly Route[] = (['get', 'post', 'put', 'delete'] as const).map((method) => ({
  method,
  path: '/plugins/{plugin}/{path}',
  summary: `A ${method.toUpperCase()} of a route that a plugin contributes`,
  description:
    '`GET /v1/plugins/{id}/routes` lists them with who may call them. The tenant is that of the key or session, else the installation’s own; `/t/{tenant}/plugins/{plugin}/{path}` names another.',
  access: 'public',
  answerType: '*/*',
  write: () => {
    throw new TendrilError('ROUTE_UNKNOWN');
  },
}));

const webhookRoutes: readonly Route[] = [
  defineRoute<{ path: Identified; query: PageQuery }>({
    method: 'get',
    path: '/v1/plugins/{id}/webhooks',
    summary: 'Addresses that services call for the plugin',
    description:
      'Addresses are secrets of their own, as those of pipelines. Webhooks of triggers are not among them: each pipeline that uses the trigger has its own.',
    access: ['connections'],
    query: 'PageQuery',
    answer: 'PluginWebhookPage',
    handle: async ({ tenant, path, query }) => pageOf(await tenant.contributions.webhooks(path.id), query),
  }),
  defineRoute<{ path: WebhookPath; body: { readonly secret: string } }>({
    method: 'put',
    path: '/v1/plugins/{id}/webhooks/{webhook}/secret',
    summary: 'Replaces what the senders of the webhook prove themselves with',
    description: 'It is sealed and never shown again.',
    access: ['connections'],
    body: 'WebhookSecret',
    handle: ({ tenant, path, body }) => tenant.contributions.setWebhookSecret(path.id, path.webhook, body.secret),
  }),
  defineRoute<{ path: WebhookPath }>({
    method: 'post',
    path: '/v1/plugins/{id}/webhooks/{webhook}/rotate',
    summary: 'Gives the webhook another address; the old one is gone at once',
    access: ['connections'],
    answer: 'PluginWebhook',
    handle: ({ tenant, path }) => tenant.contributions.rotateWebhook(path.id, path.webhook),
  }),
];

const panelRoutes: readonly Route[] = [
  defineRoute<{ query: PanelQuery }>({
    method: 'get',
    path: '/v1/panels',
    summary: 'Panels that enabled plugins contribute to the dashboard',
    access: ['read'],
    query: 'PanelQuery',
    answer: 'PluginPanelPage',
    handle: async ({ tenant, query: { place, plugin, ...page } }) =>
      pageOf(await tenant.contributions.panels({ ...(place !== undefined && { place }), ...(plugin !== undefined && { plugin }) }), page),
  }),
  defineRoute<{ path: Identified; query: { readonly subject?: string } }>({
    method: 'get',
    path: '/v1/panels/{id}/data',
    summary: 'What a panel shows now',
    description: 'The output of its `read` action, which is checked against what its view can show: text and numbers, never HTML.',
    access: ['read'],
    query: 'PanelSubject',
    answer: 'PanelData',
    handle: ({ tenant, path, query, principal, requestId }) =>
      tenant.contributions.readPanel(path.id, { principal, requestId, ...(query.subject !== undefined && { subject: query.subject }) }),
  }),
];

const pipelineRoutes: readonly Route[] = [
  defineRoute<{ path: Identified; query: PageQuery }>({
    method: 'get',
    path: '/v1/plugins/{id}/pipelines',
    summary: 'Pipelines that come with the plugin',
    access: ['read'],
    query: 'PageQuery',
    answer: 'ReadyPipelinePage',
    handle: async ({ tenant, path, query }) => pageOf(await tenant.contributions.readyPipelines(path.id), query),
  }),
  defineRoute<{ path: Identified & { readonly pipeline: string }; body: { readonly settings?: JsonObject } }>({
    method: 'post',
    path: '/v1/plugins/{id}/pipelines/{pipeline}',
    summary: 'Deploys a pipeline that comes with the plugin, paused',
    description:
      "One that was added before and not changed since is brought up to the plugin's version, and stays paused or not as it is. One that somebody has changed is never overwritten.",
    access: ['pipelines'],
    body: 'ReadyPipelineSettings',
    isBodyOptional: true,
    answer: 'AddedPipeline',
    handle: async ({ tenant, path, body }) => {
      const { id, version, isPaused, settings } = await tenant.contributions.addPipeline(path.id, path.pipeline, body.settings);
      return { id, version, isPaused, settings };
    },
  }),
];

function describe({ plugin, id, method, path, auth }: PluginRoute, tenantId: string): object {
  const below = `/plugins/${plugin}${path}`;
  return { id, method, path: below, tenantPath: `/t/${tenantId}${below}`, auth };
}
