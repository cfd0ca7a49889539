import type { EnvironmentName } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import type { EnvironmentQuery, Identified } from './environments.ts';
import { withInstants } from './instants.ts';
import { pageOf } from './pages.ts';
import type { PageQuery } from './pages.ts';
import { showPipeline } from './show-pipeline.ts';

interface Promotion {
  readonly from: EnvironmentName;
  readonly to: EnvironmentName;
}

/** Versions of a pipeline: which there are, and which is in force where. */
export const versionRoutes: readonly Route[] = [
  defineRoute<{ path: Identified; query: PageQuery }>({
    method: 'get',
    path: '/v1/pipelines/{id}/versions',
    summary: 'Versions of a pipeline, newest first',
    access: ['read', 'pipelines'],
    query: 'PageQuery',
    answer: 'PipelineVersionPage',
    handle: async ({ tenant, path, query }) =>
      pageOf(
        (await tenant.pipelines.versions(path.id)).map((version) => withInstants(version, ['createdAt'])),
        query,
      ),
  }),
  defineRoute<{ path: Identified; query: EnvironmentQuery; body: { readonly version?: number } }>({
    method: 'post',
    path: '/v1/pipelines/{id}/rollback',
    summary: 'Puts an earlier version in force again',
    description: 'It is checked again as things stand today, and refused with PIPELINE_INVALID when it has faults by now.',
    access: ['pipelines'],
    query: 'EnvironmentQuery',
    body: 'PipelineRollback',
    isBodyOptional: true,
    answer: 'Pipeline',
    handle: async ({ tenant, principal, path, query, body }) =>
      showPipeline(await tenant.pipelines.rollback(path.id, { ...query, ...body }), principal),
  }),
  defineRoute<{ path: Identified; body: Promotion }>({
    method: 'post',
    path: '/v1/pipelines/{id}/promote',
    summary: 'Puts the version of one environment in force in another',
    description: 'Settings of the target are kept where they still fit.',
    access: ['pipelines'],
    body: 'PipelinePromotion',
    answer: 'Pipeline',
    handle: async ({ tenant, principal, path, body }) =>
      showPipeline(await tenant.pipelines.promote(path.id, body.from, body.to), principal),
  }),
];
