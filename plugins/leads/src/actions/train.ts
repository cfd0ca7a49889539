import { setImmediate } from 'node:timers/promises';
import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import { compareModels } from '../compare-models.ts';
import { activateVersion, currentVersion, modelId } from '../current-model.ts';
import type { ModelsRow, Settings, TrainInput, TrainOutput } from '../gen/manifest.gen.ts';
import { toModelInfo } from '../lead-view.ts';
import type { Example } from '../model/example.ts';
import { train as trainModel } from '../model/train.ts';
import { featuresOf, hashOf, readExamples } from '../training-set.ts';

const FEWEST_OF_EACH = 10;

/**
 * Learns from all outcomes so far. The new version scores at once when it beat the base rate on what was held out, and was no
 * worse than the one that scores on outcomes that neither had seen; the versions before it are kept. With the same outcomes
 * and features as the last training nothing is done again.
 *
 * @throws TendrilError INPUT_INVALID when there are too few outcomes to learn from, or nothing to learn by
 */
export const train: ActionHandler<TrainInput, TrainOutput, Settings> = async (_input, call) => {
  const examples = await readExamples(call);
  if (call.settings.outcome === undefined && examples.length === 0)
    throw new TendrilError('INPUT_INVALID', {
      reason: 'the setting `outcome` does not say yet by which event and property an outcome is told',
    });
  const positives = checkEnough(examples, call.settings.minimumExamples ?? 200);
  const features = featuresOf(call.settings, examples);
  if (features.length === 0) throw new TendrilError('INPUT_INVALID', { reason: 'no value that differs was known before the outcomes' });
  const pause = (): Promise<void> => pauseOf(call);
  const dataHash = await hashOf(examples, features, call.settings, pause);
  const models = call.table<ModelsRow>('models');
  const last = (await models.query({ order: 'descending', limit: 1 })).items[0];
  const active = await currentVersion(call);
  if (last?.value.dataHash === dataHash) return toModelInfo(last.value, active);

  const training = await trainModel(examples, features, pause, call.settings.validation);
  const { model, metrics, splits } = training;
  const comparison = compareModels(training, active === 0 ? undefined : (await models.get(modelId(active)))?.value);
  const version = (last?.value.version ?? 0) + 1;
  const row: ModelsRow = {
    id: modelId(version),
    version,
    examples: examples.length,
    positives,
    metrics,
    splits: [...splits],
    ...(comparison === undefined ? {} : { comparison }),
    model: { ...model },
    dataHash,
    trainedUntil: examples.at(-1)?.at ?? 0,
    createdAt: call.clock.now(),
  };
  call.changes.put('models', row, 'absent');
  const isBetter =
    metrics.brier < metrics.baseRateBrier && metrics.auc > 0.5 && (comparison === undefined || comparison.newLogLoss <= comparison.logLoss);
  if (isBetter) await activateVersion(version, call);
  call.log.info({ version, examples: examples.length, isBetter }, 'lead model trained');
  return toModelInfo(row, isBetter ? version : active);
};

function checkEnough(examples: readonly Example[], minimum: number): number {
  const positives = examples.filter(({ isPositive }) => isPositive).length;
  const negatives = examples.length - positives;
  if (examples.length >= minimum && positives >= FEWEST_OF_EACH && negatives >= FEWEST_OF_EACH) return positives;
  throw new TendrilError('INPUT_INVALID', {
    reason: `too few outcomes: at least ${minimum} are needed, at least ${FEWEST_OF_EACH} of them good and ${FEWEST_OF_EACH} bad`,
    examples: examples.length,
    positives,
    negatives,
    minimum,
    minimumOfEach: FEWEST_OF_EACH,
  });
}

async function pauseOf(call: Call<Settings>): Promise<void> {
  await setImmediate();
  if (call.signal.aborted) throw new TendrilError('ACTION_ABORTED');
}
