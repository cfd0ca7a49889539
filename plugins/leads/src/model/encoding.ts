import type { Example, Feature } from './example.ts';

/** How one feature's values become columns of the model. As data, so that it can be stored with the model. */
export type FeatureEncoding =
  | {
      readonly feature: Feature;
      readonly as: 'scaled';
      readonly column: number;
      readonly missingColumn: number;
      readonly center: number;
      readonly scale: number;
      readonly average: number;
    }
  /** `edges` ascending; value v is in bin i when it is at or above `i` edges. */
  | {
      readonly feature: Feature;
      readonly as: 'bins';
      readonly column: number;
      readonly missingColumn: number;
      readonly edges: readonly number[];
      readonly average: number;
    }
  | {
      readonly feature: Feature;
      readonly as: 'levels';
      readonly levels: Readonly<Record<string, number>>;
      readonly otherColumn: number;
      readonly missingColumn: number;
    };

/** All features' encodings and how many columns they take. */
export interface Encoding {
  readonly features: readonly FeatureEncoding[];
  readonly columnCount: number;
}

/** The one column that a feature's value fills, and with what. */
export interface Cell {
  readonly column: number;
  readonly value: number;
}

const MOST_BINS = 10;
const MOST_LEVELS = 50;
const FEWEST_OF_A_LEVEL = 20;

/** Lets others have their turn. */
export type Pause = () => Promise<void>;

/** Learns centre and scale of numbers, edges of bins, and the levels that are frequent enough for a column of their own. */
export async function fitEncoding(examples: readonly Example[], features: readonly Feature[], pause: Pause): Promise<Encoding> {
  let columnCount = 0;
  const take = (count: number): number => {
    const first = columnCount;
    columnCount += count;
    return first;
  };
  const encodings: FeatureEncoding[] = [];
  for (const feature of features) {
    encodings.push(fitFeature(examples, feature, take));
    await pause();
  }
  return { features: encodings, columnCount };
}

function fitFeature(examples: readonly Example[], feature: Feature, take: (count: number) => number): FeatureEncoding {
  const missingColumn = take(1);
  if (feature.kind !== 'number') {
    const levels = frequentLevels(examples, feature).map((level) => [level, take(1)] as const);
    return { feature, as: 'levels', levels: Object.fromEntries(levels), otherColumn: take(1), missingColumn };
  }
  const values = numbersOf(examples, feature);
  const average = mean(numbersOf(examples, { ...feature, transform: 'bins' }));
  if (feature.transform === 'bins') {
    const edges = edgesOf(values);
    return { feature, as: 'bins', column: take(edges.length + 1), missingColumn, edges, average };
  }
  const center = mean(values);
  const scale = Math.sqrt(mean(values.map((value) => (value - center) ** 2))) || 1;
  return { feature, as: 'scaled', column: take(1), missingColumn, center, scale, average };
}

/** The column and value of a feature in one set of values. A level that was never seen counts as a rare one. */
export function encodeCell(encoding: FeatureEncoding, values: Readonly<Record<string, unknown>>): Cell {
  const raw = Object.hasOwn(values, encoding.feature.name) ? values[encoding.feature.name] : undefined;
  if (encoding.as === 'levels') {
    const level = toLevel(raw);
    if (level === undefined) return { column: encoding.missingColumn, value: 1 };
    return {
      column: Object.hasOwn(encoding.levels, level) ? (encoding.levels[level] ?? encoding.otherColumn) : encoding.otherColumn,
      value: 1,
    };
  }
  const number = toNumber(raw, encoding.feature);
  if (number === undefined) return { column: encoding.missingColumn, value: 1 };
  if (encoding.as === 'bins') return { column: encoding.column + binOf(encoding.edges, number), value: 1 };
  return { column: encoding.column, value: clamp((number - encoding.center) / encoding.scale) };
}

/** A value as a number on the feature's scale; `undefined` for what is none. */
export function toNumber(value: unknown, feature: Feature): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'boolean'
        ? Number(value)
        : typeof value === 'string' && value.trim() !== ''
          ? Number(value)
          : NaN;
  if (!Number.isFinite(number)) return undefined;
  return feature.transform === 'log1p' ? Math.sign(number) * Math.log1p(Math.abs(number)) : number;
}

/** A value as a word; `undefined` for what is none. */
export function toLevel(value: unknown): string | undefined {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  const level = value.trim().toLowerCase();
  return level === '' ? undefined : level.slice(0, 100);
}

// An outlier beyond what was seen may not decide alone.
function clamp(value: number): number {
  return Math.max(-5, Math.min(5, value));
}

function frequentLevels(examples: readonly Example[], feature: Feature): readonly string[] {
  const counts = new Map<string, number>();
  for (const { values } of examples) {
    const level = toLevel(Object.hasOwn(values, feature.name) ? values[feature.name] : undefined);
    if (level !== undefined) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= FEWEST_OF_A_LEVEL)
    .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .slice(0, MOST_LEVELS)
    .map(([level]) => level);
}

function numbersOf(examples: readonly Example[], feature: Feature): Float64Array {
  const numbers = new Float64Array(examples.length);
  let count = 0;
  for (const { values } of examples) {
    const number = toNumber(Object.hasOwn(values, feature.name) ? values[feature.name] : undefined, feature);
    if (number !== undefined) numbers[count++] = number;
  }
  return numbers.subarray(0, count);
}

function edgesOf(values: Float64Array): readonly number[] {
  const sorted = values.toSorted();
  const quantiles = Array.from({ length: MOST_BINS - 1 }, (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / MOST_BINS)]);
  return [...new Set(quantiles)].filter((edge): edge is number => edge !== undefined && edge > (sorted[0] ?? 0));
}

function binOf(edges: readonly number[], value: number): number {
  let bin = 0;
  while (bin < edges.length && value >= (edges[bin] ?? Infinity)) bin += 1;
  return bin;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
