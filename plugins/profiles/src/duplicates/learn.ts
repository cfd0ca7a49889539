import type { Call } from '@tendril/plugin-api';
import type { ComparedRow, DuplicateModelsRow, Settings } from '../gen/manifest.gen.ts';
import { indexCandidates } from './candidates.ts';
import { Draw } from './draw.ts';
import { estimateModel } from './estimate.ts';
import type { Field } from './fields.ts';
import { countValues } from './frequencies.ts';
import { finishPolitely } from './in-pieces.ts';
import type { InPieces } from './in-pieces.ts';
import { CURRENT_MODEL } from './learnt-model.ts';
import { initialModel } from './model.ts';
import type { LinkModel } from './model.ts';
import { planComparisons } from './pattern.ts';
import type { PreparedRecord } from './prepare.ts';
import { drawSample } from './sample.ts';
import type { DuplicateSettings } from './settings.ts';

const FEWEST_PEOPLE = 100;
const SAMPLE_PEOPLE = 5_000;
const PAGE = 1_000;
/** Of more people than a million the sample is drawn from the first million. */
const MOST_PAGES = 1_000;
const MAX_BLOCK = 100;
const KEEP_VALUES = 500;
const LEARN_AGAIN_AFTER_MS = 30 * 24 * 60 * 60 * 1_000;
const GROWN = 2;
const RATES = { least: 0.001, most: 1 };

/**
 * Learns the model anew when it is due: with other fields, with twice the people, or after thirty days; from 5,000 people at most, drawn by chance.
 * The work is cut into pieces of some milliseconds.
 *
 * @returns whether there is a new model; it is in the changeset then
 */
export async function learnModel(settings: DuplicateSettings, call: Call<Settings>): Promise<boolean> {
  const [counted] = await call.table('people').aggregate({ index: 'recent', equals: { state: 'active' } });
  const people = counted?.count ?? 0;
  const row = await call.table<DuplicateModelsRow>('duplicate_models').get(CURRENT_MODEL);
  if (people < FEWEST_PEOPLE || (row !== undefined && !isDue(row.value, settings, people, call.clock.now()))) return false;
  const records = await readSample(settings, call);
  if (records.length < FEWEST_PEOPLE) return false;
  const model = await learnFrom(records, settings, call.signal);
  call.changes.put('duplicate_models', {
    id: CURRENT_MODEL,
    signature: settings.signature,
    people,
    learntAt: call.clock.now(),
    model: toWhole(model, people / records.length) as DuplicateModelsRow['model'],
    frequencies: countValues(records, settings.fields.length, KEEP_VALUES) as DuplicateModelsRow['frequencies'],
  } satisfies DuplicateModelsRow);
  return true;
}

function isDue({ signature, people, learntAt }: DuplicateModelsRow, settings: DuplicateSettings, now: number, at: number): boolean {
  return signature !== settings.signature || now >= GROWN * people || at - learntAt >= LEARN_AGAIN_AFTER_MS;
}

/** Drawn from everybody: those who were there first may be others than those who come now. */
async function readSample({ signature }: DuplicateSettings, call: Call<Settings>): Promise<readonly PreparedRecord[]> {
  const sample = new Draw<PreparedRecord>(SAMPLE_PEOPLE);
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    call.signal.throwIfAborted();
    const { items, nextCursor } = await call.table<ComparedRow>('compared').query({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    for (const { value } of items) {
      if (value.signature === signature) sample.add(value.person, { id: value.person, values: value.values });
    }
    cursor = nextCursor;
    if (cursor === undefined) break;
  }
  return sample.items();
}

function learnFrom(records: readonly PreparedRecord[], { fields }: DuplicateSettings, signal: AbortSignal): Promise<LinkModel> {
  return finishPolitely(learning(records, fields), signal);
}

function* learning(records: readonly PreparedRecord[], fields: readonly Field[]): InPieces<LinkModel> {
  const index = yield* indexCandidates(records, fields, MAX_BLOCK);
  const sample = yield* drawSample(records, planComparisons(fields), index, () => undefined);
  return yield* estimateModel(initialModel(fields), sample);
}

/** Of two records of one person the sample holds both with the square of its share only. */
function toWhole(model: LinkModel, timesLarger: number): LinkModel {
  const scaled = (rate: number): number => Math.min(RATES.most, Math.max(RATES.least, rate * timesLarger));
  return { ...model, duplicatesPerPerson: scaled(model.duplicatesPerPerson), housematesPerPerson: scaled(model.housematesPerPerson) };
}
