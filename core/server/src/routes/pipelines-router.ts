import type { JsonObject } from '@tendril/plugin-api';
import type { PipelineInfo } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Route, Router, RouteRequest } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

interface Source {
  readonly source: string;
  readonly file?: string;
}

function show(pipeline: PipelineInfo): object {
  return withInstants(pipeline, ['deployedAt']);
}

async function find({ tenant, path }: RouteRequest<Identified, unknown, unknown>): Promise<object> {
  return show(required(await tenant.pipelines.get(path.id), 'PIPELINE_UNKNOWN', { pipeline: path.id }));
}

function switchRoute(verb: 'pause' | 'resume', summary: string): Route {
  return defineRoute<{ path: Identified }>({
    method: 'post',
    path: `/v1/pipelines/{id}/${verb}`,
    summary,
    access: ['pipelines'],
    answer: 'Pipeline',
    handle: async (request) => {
      await request.tenant.pipelines[verb](request.path.id);
      return find(request);
    },
  });
}

/** Pipelines: deploying, settings, pausing. */
export const pipelinesRouter: Router = {
  tag: 'pipelines',
  description: 'Declared flows: a trigger, steps, conditions.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/pipelines',
      summary: 'Deployed pipelines',
      access: ['read', 'pipelines'],
      query: 'PageQuery',
      answer: 'PipelinePage',
      handle: async ({ tenant, query }) => pageOf((await tenant.pipelines.list()).map(show), query),
    }),
    defineRoute<{ path: Identified }>({
      method: 'get',
      path: '/v1/pipelines/{id}',
      summary: 'A deployed pipeline',
      access: ['read', 'pipelines'],
      answer: 'Pipeline',
      handle: find,
    }),
    defineRoute<{ body: Source }>({
      method: 'post',
      path: '/v1/pipelines',
      summary: 'Deploys a pipeline',
      description: 'Refused with PIPELINE_INVALID and all faults in `details.faults`.',
      access: ['pipelines'],
      body: 'PipelineSource',
      takesYaml: true,
      answer: 'Pipeline',
      handle: async ({ tenant, body }) =>
        show(await tenant.pipelines.deploy(body.source, body.file === undefined ? {} : { file: body.file })),
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
    defineRoute<{ path: Identified; body: { readonly settings: JsonObject } }>({
      method: 'put',
      path: '/v1/pipelines/{id}/settings',
      summary: 'Changes the settings, for runs that start from now on',
      access: ['pipelines'],
      body: 'PipelineSettings',
      answer: 'Pipeline',
      handle: async ({ tenant, path, body }) => show(await tenant.pipelines.configure(path.id, body.settings)),
    }),
    switchRoute('pause', 'Starts no more runs'),
    switchRoute('resume', 'Starts runs again'),
  ],
};
