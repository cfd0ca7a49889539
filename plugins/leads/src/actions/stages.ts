import type { ActionHandler } from '@tendril/plugin-api';
import type { LeadsRow, Settings, StagesInput, StagesOutput } from '../gen/manifest.gen.ts';
import { StageRules } from '../stages/stage-rules.ts';

/** Stages with how many leads are in each, and what is wrong with their conditions. */
export const stages: ActionHandler<StagesInput, StagesOutput, Settings> = async (_input, call) => {
  const counts = new Map<string, number>();
  for (const queue of ['open', 'snoozed']) {
    const groups = await call.table<LeadsRow>('leads').aggregate({ index: 'by_stage_probability', equals: { queue }, groupBy: 'stage' });
    for (const { group, count } of groups) if (typeof group === 'string') counts.set(group, (counts.get(group) ?? 0) + count);
  }
  return {
    stages: new StageRules(call).stages.map(({ name, title, conditions, leave }) => ({
      name,
      title,
      conditions: conditions.map(({ source }) => source),
      leads: counts.get(name) ?? 0,
      problems: [...conditions, ...(leave === undefined ? [] : [leave])].flatMap((condition) =>
        'problem' in condition ? [`${condition.source}: ${condition.problem}`] : [],
      ),
    })),
  };
};
