import type { Call } from '@tendril/plugin-api';
import type { CurrentModelRow, ModelsRow, Settings } from './gen/manifest.gen.ts';
import { toProbability } from './model/logistic.ts';
import { predict } from './model/model.ts';
import type { Model, Prediction } from './model/model.ts';

/**
 * How far one outcome moves the log-odds of later scores. With it the level follows a change of the market within some
 * hundred outcomes, and wavers by about a tenth of a logit when nothing changes.
 */
const STEP = 0.02;
const FARTHEST = 3;
const KEY = 'current';

/** The model that scores, with what outcomes since its training say about the level. */
export class CurrentModel {
  readonly version: number;
  readonly #model: Model;
  readonly #expect: number;
  #offset: number;
  #outcomes: number;

  private constructor(model: Model, current: CurrentModelRow, expect: number) {
    this.version = current.version;
    this.#model = model;
    this.#expect = expect;
    this.#offset = current.offset;
    this.#outcomes = current.outcomes;
  }

  /** `undefined` when none was trained, or none that is better than the base rate. */
  static async load(call: Call<Settings>): Promise<CurrentModel | undefined> {
    const current = await call.table<CurrentModelRow>('current_model').get(KEY);
    if (current === undefined) return undefined;
    const row = await call.table<ModelsRow>('models').get(modelId(current.value.version));
    return row === undefined ? undefined : new CurrentModel(toModel(row.value), current.value, current.version);
  }

  /** @param logOddsShift added to the log-odds of the model before they are calibrated */
  score(values: Readonly<Record<string, unknown>>, logOddsShift = 0): Prediction {
    const prediction = predict(this.#model, values, logOddsShift);
    return { ...prediction, probability: shift(prediction.probability, this.#offset) };
  }

  /** Moves the level towards an outcome: stochastic gradient of the log loss by the intercept alone. */
  learn(values: Readonly<Record<string, unknown>>, isPositive: boolean): void {
    const { probability } = this.score(values);
    this.#offset = Math.max(-FARTHEST, Math.min(FARTHEST, this.#offset + STEP * (Number(isPositive) - probability)));
    this.#outcomes += 1;
  }

  /** Puts what was learned into the changeset. */
  write(call: Call<Settings>): void {
    const row: CurrentModelRow = { id: KEY, version: this.version, offset: this.#offset, outcomes: this.#outcomes };
    call.changes.put('current_model', row, this.#expect);
  }
}

/** Lets a version score from now on. */
export async function activateVersion(version: number, call: Call<Settings>): Promise<void> {
  const current = await call.table<CurrentModelRow>('current_model').get(KEY);
  if (current?.value.version === version) return;
  call.changes.put('current_model', { id: KEY, version, offset: 0, outcomes: 0 } satisfies CurrentModelRow, current?.version ?? 'absent');
}

/** Version of the model that scores, 0 when there is none. */
export async function currentVersion(call: Call<Settings>): Promise<number> {
  return (await call.table<CurrentModelRow>('current_model').get(KEY))?.value.version ?? 0;
}

/** The key of a version: keys sort as versions do. */
export function modelId(version: number): string {
  return `m${String(version).padStart(8, '0')}`;
}

// The table's schema leaves the model open; only `train` writes it.
function toModel(row: ModelsRow): Model {
  return row.model as unknown as Model;
}

/** Moves a probability by so much in log-odds. */
function shift(probability: number, offset: number): number {
  const kept = Math.max(1e-6, Math.min(1 - 1e-6, probability));
  return toProbability(Math.log(kept / (1 - kept)) + offset);
}
