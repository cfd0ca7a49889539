/**
 * The lead model by random five-fold cross-validation, beside a plain logistic regression.
 *
 *     node tools/run.mjs benchmarks/leads-bank.ts [--set bank-marketing|lead-scoring-xeducation] [FOLDER]
 *
 * FOLDER holds `bank-marketing/train.csv` (UCI, CC BY 4.0) or `lead-scoring-xeducation/train.csv`; without it the
 * environment's TENDRIL_DATA. Bank Marketing goes without `duration`, X Education without what sales wrote down later.
 *
 * Protocol: each row gets one of five folds from a generator with a fixed seed. For each fold the plugin trains on the other
 * four by its own action `leads.train` (setting `validation: random`; features, penalty and calibration are chosen within
 * those four) and scores the fold by `leads.score`. All measures are of the five folds' predictions together.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readContacts, settings as bankSettings } from './support/bank-contacts.ts';
import { createLeadsTenant } from './support/leads-tenant.ts';
import type { Contact } from './support/leads-tenant.ts';
import { fitPlain } from './support/plain-regression.ts';
import { measure } from './support/score-measures.ts';
import { readXEducation } from './support/xeducation-contacts.ts';

const FOLDS = 5;
const SEED = 7;
const BINS = 10;
const SETS = ['bank-marketing', 'lead-scoring-xeducation'];

const { values: options, positionals } = parseArgs({
  options: { set: { type: 'string', default: 'bank-marketing' } },
  allowPositionals: true,
});
const folder = positionals[0] ?? process.env['TENDRIL_DATA'];
if (folder === undefined || !SETS.includes(options.set)) {
  process.stderr.write(`Name the folder that holds ${SETS.join(' and ')}, or set TENDRIL_DATA; --set takes one of the two names.\n`);
  process.exit(2);
}
const path = join(folder, options.set, 'train.csv');
const { contacts, settings } =
  options.set === 'bank-marketing' ? { contacts: readContacts(path), settings: bankSettings } : readXEducation(path);

const foldOf = assignFolds(contacts.length);
const labels = contacts.map(({ isPositive }) => isPositive);
const ours = new Array<number>(contacts.length).fill(0);
const plain = new Array<number>(contacts.length).fill(0);
const startedAt = performance.now();
for (let fold = 0; fold < FOLDS; fold += 1) {
  const others = contacts.filter((_, index) => foldOf[index] !== fold);
  const tenant = createLeadsTenant(contacts, { ...settings, validation: 'random' });
  for (const contact of others) tenant.addExample(contact);
  await tenant.act('train', {});
  const plainScore = fitPlain(
    others.map(toRow),
    others.map(({ isPositive }) => isPositive),
  );
  for (const [index, contact] of contacts.entries()) {
    if (foldOf[index] !== fold) continue;
    const { id: person, properties } = contact;
    const { probability, isCalibrated } = await tenant.act<{ probability: number; isCalibrated: boolean }>('score', { person, properties });
    if (!isCalibrated) throw new Error('The plugin did not let its model score.');
    ours[index] = probability;
    plain[index] = plainScore(toRow(contact));
  }
}
const result = {
  set: options.set,
  rows: contacts.length,
  positives: labels.filter(Boolean).length,
  folds: FOLDS,
  seed: SEED,
  seconds: round((performance.now() - startedAt) / 1000),
  plugin: report(ours),
  plain: report(plain),
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
if (options.set === 'bank-marketing' && (result.plugin.auc < 0.765 || Math.max(result.plugin.ece, result.plugin.eceEqualWidth) >= 0.012)) {
  process.stderr.write('Short of AUC .765 or ECE .012.\n');
  process.exitCode = 1;
}

function toRow({ traits, properties }: Contact): Readonly<Record<string, unknown>> {
  const { email: _email, ...known } = traits;
  return { ...known, ...properties };
}

/** A generator by Park and Miller. */
function assignFolds(count: number): readonly number[] {
  let state = SEED;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * FOLDS);
  });
}

/** `ece` is over ten bins with equally many rows, `eceEqualWidth` over ten of equal width. */
function report(probabilities: readonly number[]) {
  const { auc, brier, logLoss, ece } = measure(probabilities, labels);
  const best = probabilities
    .map((probability, index) => ({ probability, index }))
    .toSorted((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, Math.floor(labels.length / 10));
  const baseRate = labels.filter(Boolean).length / labels.length;
  return {
    auc: round(auc),
    ece: round(ece),
    eceEqualWidth: round(widthError(probabilities)),
    brier: round(brier),
    logLoss: round(logLoss),
    liftAtTenth: round(best.filter(({ index }) => labels[index]).length / best.length / baseRate),
  };
}

function widthError(probabilities: readonly number[]): number {
  const distances = new Array<number>(BINS).fill(0);
  for (const [index, probability] of probabilities.entries()) {
    const bin = Math.min(BINS - 1, Math.floor(probability * BINS));
    distances[bin] = (distances[bin] ?? 0) + probability - Number(labels[index]);
  }
  return distances.reduce((sum, distance) => sum + Math.abs(distance), 0) / probabilities.length;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
