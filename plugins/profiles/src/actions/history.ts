import type { ActionHandler } from '@tendril/plugin-api';
import type { HistoryInput, HistoryOutput, Settings } from '../gen/manifest.gen.ts';
import { readPerson, toIso } from '../profile.ts';
import { readRuns } from '../trait-runs.ts';

/** Values of a person's traits over time, oldest first, the one in force last. @throws TendrilError NOT_FOUND when there is nobody of this id */
export const history: ActionHandler<HistoryInput, HistoryOutput, Settings> = async ({ id, trait }, call) => {
  const { value: person } = await readPerson(id, call);
  const runs = [...(await readRuns(person, call))].filter(([name]) => trait === undefined || name === trait);
  const traits = runs.map(
    ([name, list]) =>
      [name, list.map(({ value, since, at, source }) => ({ value, since: toIso(since), until: toIso(at), source }))] as const,
  );
  return { traits: Object.fromEntries(traits) };
};
