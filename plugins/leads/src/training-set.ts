import { createHash } from 'node:crypto';
import type { Call } from '@tendril/plugin-api';
import type { ExamplesRow, Settings } from './gen/manifest.gen.ts';
import type { Pause } from './model/encoding.ts';
import type { Example, Feature } from './model/example.ts';
import { featureName } from './observation.ts';

const PAGE = 1_000;
const MOST_LEVELS = 50;

/** An outcome with the moment at which what was known before it was fixed, in epoch milliseconds. */
export interface TimedExample extends Example {
  readonly at: number;
}

/** All outcomes with what was known before each, in the order of time. */
export async function readExamples(call: Call<Settings>): Promise<readonly TimedExample[]> {
  const examples: TimedExample[] = [];
  let cursor: string | undefined;
  do {
    const page = await call
      .table<ExamplesRow>('examples')
      .query({ index: 'by_time', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { value } of page.items) examples.push({ values: value.values, isPositive: value.isPositive, at: value.at });
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return examples;
}

/** The features of the settings; without them those that the examples' values suggest. */
export function featuresOf(settings: Settings, examples: readonly Example[]): readonly Feature[] {
  const behaviours = (settings.behaviours ?? []).map(({ key, title, transform = 'bins' }): Feature => ({
    name: featureName('behaviour', key),
    title: title ?? key,
    kind: 'number',
    ...(transform === 'none' ? {} : { transform }),
  }));
  const others =
    settings.features === undefined
      ? inferFeatures(examples).filter(({ name }) => !name.startsWith('behaviour.'))
      : settings.features.map(({ from, key, title, kind, transform = 'bins' }): Feature => ({
          name: featureName(from, key),
          title: title ?? key,
          kind,
          ...(kind === 'number' && transform !== 'none' ? { transform } : {}),
        }));
  return [...others, ...behaviours];
}

/** The same for the same examples and features, in the same order, trained for the same. */
export async function hashOf(
  examples: readonly Example[],
  features: readonly Feature[],
  { validation = 'forward' }: Settings,
  pause: Pause,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(validation === 'forward' ? features : [validation, features]));
  for (let from = 0; from < examples.length; from += PAGE) {
    for (const { values, isPositive } of examples.slice(from, from + PAGE)) hash.update(`\n${JSON.stringify([isPositive, values])}`);
    await pause();
  }
  return hash.digest('hex');
}

/** Numbers by tenths, truths, and words of which there are few; what is nearly always missing or never differs is left out. */
export function inferFeatures(examples: readonly Example[]): readonly Feature[] {
  const seen = new Map<string, { numbers: number; truths: number; words: number; readonly values: Set<unknown> }>();
  for (const { values } of examples) {
    for (const [name, value] of Object.entries(values)) {
      const facts = seen.get(name) ?? { numbers: 0, truths: 0, words: 0, values: new Set() };
      if (typeof value === 'number') facts.numbers += 1;
      else if (typeof value === 'boolean') facts.truths += 1;
      else facts.words += 1;
      if (facts.values.size <= MOST_LEVELS) facts.values.add(value);
      seen.set(name, facts);
    }
  }
  return [...seen]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { numbers, truths, words, values }]): readonly Feature[] => {
      const title = name.slice(name.indexOf('.') + 1);
      if (values.size < 2 && numbers + truths + words === examples.length) return [];
      if (words === 0 && truths === 0) return [{ name, title, kind: 'number', transform: 'bins' }];
      if (words === 0 && numbers === 0) return [{ name, title, kind: 'boolean' }];
      return values.size <= MOST_LEVELS ? [{ name, title, kind: 'category' }] : [];
    });
}
