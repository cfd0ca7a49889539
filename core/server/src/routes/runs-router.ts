import type { Json } from '@tendril/plugin-api';
import type { Run, RunInfo, RunState } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router, RouteRequest } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { mapPage, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

interface Decision {
  readonly decision: 'happened' | 'retry' | 'fail';
  readonly output?: Json;
}

/** A run without its steps as it goes over HTTP. */
export function showRunInfo(run: RunInfo): object {
  return withInstants(run, ['startedAt', 'endedAt']);
}

function showRun(run: Run): object {
  return { ...showRunInfo(run), steps: run.steps.map((step) => withInstants(step, ['startedAt', 'endedAt'])) };
}

async function find({ tenant, path }: RouteRequest<Identified, unknown, unknown>): Promise<object> {
  return showRun(required(await tenant.runs.get(path.id), 'RUN_UNKNOWN', { run: path.id }));
}

/** Runs with their steps, and decisions on those that wait for one. */
export const runsRouter: Router = {
  tag: 'runs',
  description: 'Durable executions of pipelines.',
  routes: [
    defineRoute<{ query: PageQuery & { readonly pipeline?: string; readonly state?: RunState; readonly person?: string } }>({
      method: 'get',
      path: '/v1/runs',
      summary: 'Runs, newest first',
      access: ['read'],
      query: 'RunQuery',
      answer: 'RunPage',
      handle: async ({ tenant, query }) => mapPage(await tenant.runs.list(query), showRunInfo),
    }),
    defineRoute<{ path: Identified }>({
      method: 'get',
      path: '/v1/runs/{id}',
      summary: 'A run with its steps',
      access: ['read'],
      answer: 'Run',
      handle: find,
    }),
    defineRoute<{ path: Identified; body: Decision }>({
      method: 'post',
      path: '/v1/runs/{id}/resolve',
      summary: 'Decides on the step that needs review',
      access: ['pipelines'],
      body: 'RunDecision',
      answer: 'Run',
      handle: async (request) => {
        const { tenant, path, body } = request;
        await tenant.runs.resolve(path.id, body.decision, body.output);
        return find(request);
      },
    }),
  ],
};
