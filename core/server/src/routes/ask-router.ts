import { TendrilError } from '@tendril/plugin-api';
import type { DryRunOptions, EnvironmentName, StartReason, TenantHub } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import type { Identified } from './environments.ts';
import { readMeant } from './meant-pipeline.ts';
import type { MeantPipeline } from './meant-pipeline.ts';
import type { RehearsalEndpoint } from './rehearsal-endpoint.ts';
import { sightOf } from './sight.ts';
import { showExplanation, showReason, showSimulation } from './show-answers.ts';

interface WhomToExplain {
  readonly person: string;
  readonly environment?: EnvironmentName;
  readonly limit?: number;
}

/** An id of digits may be a message's own, which goes first, or a position of the log. */
async function why({ ask }: TenantHub, event: string): Promise<readonly StartReason[]> {
  const position = Number(event);
  if (!/^\d+$/.test(event) || !Number.isSafeInteger(position)) return ask.why(event);
  return ask.why(event).catch((failure: unknown) => {
    if (TendrilError.is(failure) && failure.code === 'NOT_FOUND') return ask.why(position);
    throw failure;
  });
}

/** Asking pipelines before and after. @param rehearsals answers with progress where it is asked for */
export function createAskRouter(rehearsals: RehearsalEndpoint): Router {
  return {
    tag: 'ask',
    description: 'What a pipeline would do, would have done, and why it did or did not. Nothing here has an effect.',
    routes: [
      defineRoute<{ body: MeantPipeline & DryRunOptions }>({
        method: 'post',
        path: '/v1/pipelines/dry-run',
        summary: 'Plays one run through: reads are done, everything else is held back, waits take no time',
        description: 'Personal values are masked but for keys with the scope `admin`; secrets are for everybody.',
        access: ['pipelines', 'actions'],
        body: 'DryRunRequest',
        answer: 'DryRunAnswer',
        handle: async ({ tenant, principal, body: { source, id, ...options } }) => {
          const answer = await tenant.ask.dryRun(readMeant({ source, id }), { ...options, ...sightOf(principal) });
          return 'simulation' in answer ? { simulation: showSimulation(answer.simulation) } : answer;
        },
      }),
      {
        method: 'post',
        path: '/v1/pipelines/rehearse',
        summary: 'Plays every run through that the stored log would have started',
        description:
          'With `accept: text/event-stream` it tells how far it is: messages `progress` with `{done, all}`, then one `result` with what is answered ' +
          'otherwise, or one `problem`. It ends when the one who asked goes away.',
        access: ['pipelines', 'actions'],
        body: 'RehearsalRequest',
        answer: 'RehearsalAnswer',
        write: (req, res, request) => (request === undefined ? undefined : rehearsals.answer(req, res, request)),
      },
      defineRoute<{ path: Identified; query: WhomToExplain }>({
        method: 'get',
        path: '/v1/pipelines/{id}/explain',
        summary: 'Why a pipeline did or did not do something for a person',
        access: ['read'],
        query: 'ExplanationQuery',
        answer: 'Explanation',
        handle: async ({ tenant, path, query: { person, ...options } }) =>
          showExplanation(await tenant.ask.explain(person, path.id, options)),
      }),
      defineRoute<{ path: Identified }>({
        method: 'get',
        path: '/v1/events/{id}/why',
        summary: 'What became of one event at each pipeline of its name',
        description: 'By message id or by position in the log; positions find events that are older.',
        access: ['read'],
        answer: 'StartReasons',
        handle: async ({ tenant, path }) => ({ items: (await why(tenant, path.id)).map(showReason) }),
      }),
    ],
  };
}
