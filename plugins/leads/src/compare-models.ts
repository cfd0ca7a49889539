import type { ModelsRow } from './gen/manifest.gen.ts';
import type { Model } from './model/model.ts';
import { predict } from './model/model.ts';
import { logLossOf } from './model/metrics.ts';
import type { Training } from './model/train.ts';
import type { TimedExample } from './training-set.ts';

/** A new model beside the one that scores, on outcomes that neither had seen. */
export type Comparison = NonNullable<ModelsRow['comparison']>;

/** With fewer outcomes the difference is chance. */
const FEWEST_EXAMPLES = 50;

/**
 * Compares what was held out from a training with what the model that scores says of it, as far as that is later than what it
 * was trained on. Its level is taken as it was trained: what it followed since then are these very outcomes.
 */
export function compareModels({ heldOut }: Training, current: ModelsRow | undefined): Comparison | undefined {
  if (current?.trainedUntil === undefined) return undefined;
  const { trainedUntil } = current;
  const model = current.model as unknown as Model;
  const unseen = heldOut.examples.flatMap((example, index) => ((example as TimedExample).at > trainedUntil ? [{ example, index }] : []));
  const positives = unseen.filter(({ example }) => example.isPositive).length;
  if (unseen.length < FEWEST_EXAMPLES || positives === 0 || positives === unseen.length) return undefined;
  const labels = Float64Array.from(unseen, ({ example }) => Number(example.isPositive));
  return {
    version: current.version,
    examples: unseen.length,
    logLoss: logLossOf(
      Float64Array.from(unseen, ({ example }) => predict(model, example.values).probability),
      labels,
    ),
    newLogLoss: logLossOf(
      Float64Array.from(unseen, ({ index }) => heldOut.probabilities[index] ?? 0),
      labels,
    ),
  };
}
