import type { Call } from '@tendril/plugin-api';
import type { PeopleRow, Settings, TraitHistoryRow } from './gen/manifest.gen.ts';
import { toRun } from './part.ts';
import { addStatement } from './runs.ts';
import type { Run } from './runs.ts';

/** Values of a person's traits over time, over all parts, oldest first, the one in force last. By trait. */
export async function readRuns({ parts }: PeopleRow, call: Call<Settings>): Promise<ReadonlyMap<string, readonly Run[]>> {
  const histories = await call.table<TraitHistoryRow>('trait_history').getMany(parts.map(({ id }) => id));
  const runs = new Map<string, readonly Run[]>();
  for (const [index, part] of parts.entries()) {
    const past = new Map(Object.entries(histories[index]?.value.traits ?? {}));
    for (const [name, current] of Object.entries(part.traits)) {
      const own = [...(past.get(name) ?? []), current].map(toRun);
      const others = runs.get(name);
      runs.set(name, others === undefined ? own : joinRuns(others, own));
    }
  }
  return runs;
}

function joinRuns(runs: readonly Run[], others: readonly Run[]): readonly Run[] {
  let joined = runs;
  for (const { value, since, at, source } of others) {
    joined = addStatement(joined, { value, at: since, source });
    if (at !== since) joined = addStatement(joined, { value, at, source });
  }
  return joined;
}
