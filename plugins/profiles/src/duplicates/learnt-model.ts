import type { Call } from '@tendril/plugin-api';
import type { DuplicateModelsRow, Settings } from '../gen/manifest.gen.ts';
import type { Frequencies } from './frequencies.ts';
import { initialModel } from './model.ts';
import type { LinkModel } from './model.ts';
import type { DuplicateSettings } from './settings.ts';
import { createScorer } from './score.ts';
import type { Scorer } from './score.ts';

/** Key of the one model of a tenant. */
export const CURRENT_MODEL = 'current';

const PEOPLE_BEFORE_ANY_COUNT = 1_000;

/** The scorer in force: by the model that was learnt last with these fields, by usual weights before. */
export async function loadScorer({ fields, signature }: DuplicateSettings, call: Call<Settings>): Promise<Scorer> {
  const row = await call.table<DuplicateModelsRow>('duplicate_models').get(CURRENT_MODEL);
  if (row === undefined || row.value.signature !== signature) {
    return createScorer(initialModel(fields), { people: 0, counts: [] }, Math.max(PEOPLE_BEFORE_ANY_COUNT, row?.value.people ?? 0));
  }
  const { model, frequencies, people }: { model: LinkModel; frequencies: Frequencies; people: number } = row.value;
  return createScorer(model, frequencies, Math.max(PEOPLE_BEFORE_ANY_COUNT, people));
}
