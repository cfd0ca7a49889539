import type { JsonObject } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Router, RouteRequest } from '../http/route.ts';
import type { EnvironmentQuery, Identified } from './environments.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';
import { versionRoutes } from './pipeline-version-routes.ts';
import { webhookRoutes } from './pipeline-webhook-routes.ts';
import { showPipeline } from './show-pipeline.ts';

interface Source {
  readonly source: string;
  readonly file?: string;
}

interface Start {
  readonly input?: JsonObject;
  readonly personId?: string;
  readonly isTest?: boolean;
}

type OfOne = RouteRequest<Identified, EnvironmentQuery, unknown>;

async function find({ tenant, principal, path, query }: OfOne): Promise<object> {
  const found = await tenant.pipelines.get(path.id, query.environment);
  return showPipeline(required(found, 'PIPELINE_UNKNOWN', { pipeline: path.id }), principal);
}

/** Pipelines: deploying, versions, settings, pausing, starting. */
export const pipelinesRouter: Router = {
  tag: 'pipelines',
  description:
    'Declared flows: a trigger, steps, conditions. What is asked of one is asked of it in an environment, `production` unless told.',
  routes: [
    defineRoute<{ query: PageQuery & EnvironmentQuery }>({
      method: 'get',
      path: '/v1/pipelines',
      summary: 'Deployed pipelines',
      access: ['read', 'pipelines'],
      query: 'PipelineQuery',
      answer: 'PipelinePage',
      handle: async ({ tenant, principal, query }) => {
        const pipelines = await tenant.pipelines.list(query.environment);
        return pageOf(
          pipelines.map((pipeline) => showPipeline(pipeline, principal)),
          query,
        );
      },
    }),
    defineRoute<{ path: Identified; query: EnvironmentQuery }>({
      method: 'get',
      path: '/v1/pipelines/{id}',
      summary: 'A deployed pipeline',
      access: ['read', 'pipelines'],
      query: 'EnvironmentQuery',
      answer: 'Pipeline',
      handle: find,
    }),
    defineRoute<{ query: EnvironmentQuery; body: Source }>({
      method: 'post',
      path: '/v1/pipelines',
      summary: 'Deploys a pipeline',
      description: 'A new version, in force at once. Refused with PIPELINE_INVALID and all faults in `details.faults`.',
      access: ['pipelines'],
      query: 'EnvironmentQuery',
      body: 'PipelineSource',
      takesYaml: true,
      answer: 'Pipeline',
      handle: async ({ tenant, principal, query, body: { source, file } }) =>
        showPipeline(await tenant.pipelines.deploy(source, { ...query, ...(file === undefined ? {} : { file }) }), principal),
    }),
    defineRoute<{ body: Source }>({
      method: 'post',
      path: '/v1/pipelines/validate',
      summary: 'Finds all faults without deploying',
      access: ['read', 'pipelines'],
      body: 'PipelineSource',
      takesYaml: true,
      answer: 'PipelineFaults',
      handle: async ({ tenant, body }) => ({ items: await tenant.pipelines.validate(body.source, body.file) }),
    }),
    defineRoute<{ path: Identified; query: EnvironmentQuery }>({
      method: 'delete',
      path: '/v1/pipelines/{id}',
      summary: 'Takes a pipeline out of force',
      description: 'Nothing is started any more. Runs in flight go on, and versions are kept.',
      access: ['pipelines'],
      query: 'EnvironmentQuery',
      handle: ({ tenant, path, query }) => tenant.pipelines.undeploy(path.id, query.environment),
    }),
    defineRoute<{ path: Identified; query: EnvironmentQuery; body: { readonly settings: JsonObject } }>({
      method: 'put',
      path: '/v1/pipelines/{id}/settings',
      summary: 'Changes the settings, for runs that start from now on',
      access: ['pipelines'],
      query: 'EnvironmentQuery',
      body: 'PipelineSettings',
      answer: 'Pipeline',
      handle: async ({ tenant, principal, path, query, body }) =>
        showPipeline(await tenant.pipelines.configure(path.id, body.settings, query.environment), principal),
    }),
    defineRoute<{ path: Identified; query: EnvironmentQuery; body: { readonly holdRuns?: boolean } }>({
      method: 'post',
      path: '/v1/pipelines/{id}/pause',
      summary: 'Starts no more runs',
      access: ['pipelines'],
      query: 'EnvironmentQuery',
      body: 'PipelinePause',
      isBodyOptional: true,
      answer: 'Pipeline',
      handle: async (request) => {
        await request.tenant.pipelines.pause(request.path.id, { ...request.query, ...request.body });
        return find(request);
      },
    }),
    defineRoute<{ path: Identified; query: EnvironmentQuery }>({
      method: 'post',
      path: '/v1/pipelines/{id}/resume',
      summary: 'Starts runs again, and lets those that were held go on',
      access: ['pipelines'],
      query: 'EnvironmentQuery',
      answer: 'Pipeline',
      handle: async (request) => {
        await request.tenant.pipelines.resume(request.path.id, request.query.environment);
        return find(request);
      },
    }),
    defineRoute<{ path: Identified; query: EnvironmentQuery; body: Start }>({
      method: 'post',
      path: '/v1/pipelines/{id}/runs',
      summary: 'Starts one run by hand',
      description:
        'Also of pipelines with another trigger, whose condition is not asked. Refused with RUN_NOT_STARTED when a limit of the pipeline is used up.',
      access: ['pipelines', 'actions'],
      query: 'EnvironmentQuery',
      body: 'PipelineStart',
      isBodyOptional: true,
      takesIdempotencyKey: true,
      answer: 'PipelineStarted',
      handle: ({ tenant, principal, path, query, body, requestId, idempotencyKey }) =>
        tenant.pipelines.start(path.id, {
          ...query,
          ...body,
          requestId,
          keyId: principal.keyId,
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        }),
    }),
    ...versionRoutes,
    ...webhookRoutes,
  ],
};
