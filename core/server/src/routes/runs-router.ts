import { TendrilError } from '@tendril/plugin-api';
import type { Json } from '@tendril/plugin-api';
import type { ReplayOptions, Run, TenantHub } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import type { Identified } from './environments.ts';
import { mapPage, required } from './pages.ts';
import type { PageQuery } from './pages.ts';
import { readRunFilter } from './run-filter.ts';
import type { RunFilterOverHttp } from './run-filter.ts';
import { showRun, showRunInfo, withoutSteps } from './show-run.ts';

interface Decision {
  readonly decision: 'happened' | 'retry' | 'fail';
  readonly output?: Json;
}

interface Cancellation {
  readonly mode?: 'now' | 'after_step';
  readonly reason?: string;
}

type Sight = { readonly unmasked?: boolean };

type ReplayOfMany = ReplayOptions & { readonly filter: RunFilterOverHttp; readonly isDry?: boolean; readonly limit?: number };

async function findRun({ runs }: TenantHub, id: string, sight: Sight = {}): Promise<Run> {
  return required(await runs.get(id, sight), 'RUN_UNKNOWN', { run: id });
}

/** Runs with their steps, and decisions on those that wait for one. */
export const runsRouter: Router = {
  tag: 'runs',
  description: 'Durable executions of pipelines.',
  routes: [
    defineRoute<{ query: PageQuery & RunFilterOverHttp }>({
      method: 'get',
      path: '/v1/runs',
      summary: 'Runs, newest first',
      access: ['read'],
      query: 'RunQuery',
      answer: 'RunPage',
      handle: async ({ tenant, query }) => mapPage(await tenant.runs.list(readRunFilter(query)), showRunInfo),
    }),
    defineRoute<{ path: Identified; query: Sight }>({
      method: 'get',
      path: '/v1/runs/{id}',
      summary: 'A run with its steps',
      description: 'Secrets and personal values are masked as the schemas of their actions say; `unmasked` shows the personal ones.',
      access: ['read'],
      query: 'RunSight',
      answer: 'Run',
      handle: async ({ tenant, principal, path, query }) => {
        if (query.unmasked === true && !principal.scopes.includes('admin'))
          throw new TendrilError('KEY_SCOPE_MISSING', { scopes: ['admin'] });
        return showRun(await findRun(tenant, path.id, query));
      },
    }),
    defineRoute<{ path: Identified; body: Decision }>({
      method: 'post',
      path: '/v1/runs/{id}/resolve',
      summary: 'Decides on the step that needs review',
      access: ['pipelines'],
      body: 'RunDecision',
      answer: 'Run',
      handle: async ({ tenant, path, body }) => {
        await tenant.runs.resolve(path.id, body.decision, body.output);
        return showRun(await findRun(tenant, path.id));
      },
    }),
    defineRoute<{ path: Identified; body: Cancellation }>({
      method: 'post',
      path: '/v1/runs/{id}/cancel',
      summary: 'Ends a run that has not ended',
      description: 'What completed steps declare as `compensate` is done. Refused with RUN_ENDED when it has ended.',
      access: ['pipelines', 'actions'],
      body: 'RunCancellation',
      isBodyOptional: true,
      answer: 'RunInfo',
      handle: async ({ tenant, path, body }) => {
        await tenant.runs.cancel(path.id, body);
        return showRunInfo(withoutSteps(await findRun(tenant, path.id)));
      },
    }),
    defineRoute<{ path: Identified; body: ReplayOptions }>({
      method: 'post',
      path: '/v1/runs/{id}/replay',
      summary: 'Starts a run that does this one again, with effects of its own',
      access: ['pipelines', 'actions'],
      body: 'RunReplay',
      isBodyOptional: true,
      answer: 'RunReplayed',
      handle: ({ tenant, path, body }) => tenant.runs.replay(path.id, body),
    }),
    defineRoute<{ body: ReplayOfMany }>({
      method: 'post',
      path: '/v1/runs/replay',
      summary: 'Does every run of a filter again, or counts them',
      access: ['pipelines'],
      body: 'RunsReplay',
      answer: 'RunsReplayed',
      handle: ({ tenant, body: { filter, isDry = false, ...options } }) =>
        tenant.runs.replayMany(readRunFilter(filter), { ...options, isDry }),
    }),
  ],
};
