import type { ActionHandler, TableQuery } from '@tendril/plugin-api';
import type { LeadsRow, QueueInput, QueueOutput, Settings } from '../gen/manifest.gen.ts';
import { toLead } from '../lead-view.ts';
import { nextStepOf } from '../next-step.ts';

/** Open leads, best first, with the reasons and what to do next. Pages hold their place while scores change. */
export const queue: ActionHandler<QueueInput, QueueOutput, Settings> = async (input, call) => {
  const { owner, stage, limit = 20, cursor } = input;
  const by = input.by ?? (call.settings.value === undefined ? 'probability' : 'expected_value');
  const page = await call.table<LeadsRow>('leads').query({
    ...rankedBy(owner, stage, by),
    order: 'descending',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const items = page.items
    .filter(({ value }) => owner === undefined || stage === undefined || value.stage === stage)
    .map(({ value }) => ({ ...toLead(value), nextStep: nextStepOf(value, call.clock.now()) }));
  return page.nextCursor === undefined ? { by, items } : { by, items, nextCursor: page.nextCursor };
};

function rankedBy(owner: string | undefined, stage: string | undefined, by: 'expected_value' | 'probability'): TableQuery {
  const suffix = by === 'expected_value' ? 'value' : 'probability';
  if (owner !== undefined) return { index: `by_owner_${suffix}`, equals: { queue: 'open', owner: owner === 'none' ? null : owner } };
  if (stage !== undefined) return { index: `by_stage_${suffix}`, equals: { queue: 'open', stage } };
  return { index: `by_queue_${suffix}`, equals: { queue: 'open' } };
}
