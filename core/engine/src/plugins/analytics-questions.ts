import { TendrilError } from '@tendril/plugin-api';
import type { AnalyticsFilter, AnalyticsQuestion, EventSelection } from '@tendril/plugin-api';

const MOST_NAMES = 50;
const MOST_FILTERS = 20;
const MOST_VALUES = 1_000;
const LONGEST_TEXT = 1_000;
const MOST_GROUPS = 1_000;
const MOST_STEPS = 10;
const MOST_PERIODS = 60;
const DEEPEST_PATH = 5;
const DAY_MS = 86_400_000;
const LONGEST_WINDOW_MS = 366 * DAY_MS;
const SHORTEST_GAP_MS = 60_000;
/** What `Date` can tell. */
const LATEST_MS = 8.64e15;
const INTERVALS = ['hour', 'day', 'week', 'month'];
const ASKS = ['count', 'number', 'uniques', 'breakdown', 'funnel', 'retention', 'paths', 'sessions', 'pages', 'names'];
const COMPARISONS = ['equals', 'not_equals', 'in', 'greater', 'less', 'contains', 'exists'];

type Fields = Readonly<Record<string, unknown>>;

/** Selections of events in a question, by where they stand. */
export function selectionsOf(question: AnalyticsQuestion): readonly (readonly [string, EventSelection])[] {
  switch (question.ask) {
    case 'count':
    case 'number':
    case 'uniques':
    case 'breakdown':
      return [['/events', question.events]];
    case 'funnel':
      return question.steps.map((step, i) => [`/steps/${i}`, step] as const);
    case 'retention':
      return [
        ['/first', question.first],
        ['/back', question.back],
      ];
    case 'paths':
      return [['/around', question.around]];
    case 'sessions':
    case 'pages':
    case 'names':
      return [];
  }
}

/** The names that an answer tells of; `any` where it may tell of all. */
export function namesAskedFor(question: AnalyticsQuestion): readonly string[] | 'any' {
  const tellsOfAll =
    ['paths', 'sessions', 'pages', 'names'].includes(question.ask) || (question.ask === 'uniques' && question.of === 'sessions');
  const selections = selectionsOf(question).map(([, selection]) => selection.names);
  if (tellsOfAll || selections.includes(undefined)) return 'any';
  return selections.flatMap((names) => names ?? []);
}

/**
 * Whether a question is one, and within its bounds. A plugin may hand in whatever it likes.
 *
 * @throws TendrilError INPUT_INVALID with a pointer into the question
 */
export function checkQuestion(question: AnalyticsQuestion): void {
  const fields = question as unknown as Fields;
  if (!isObject(question) || !ASKS.includes(String(fields['ask']))) throw invalid('/ask', `one of ${ASKS.join(', ')}`);
  checkShape(question, fields);
  checkScope(fields);
  for (const [pointer, selection] of selectionsOf(question)) checkSelection(pointer, selection);
}

function checkShape(question: AnalyticsQuestion, fields: Fields): void {
  if (fields['limit'] !== undefined) within('/limit', fields['limit'], 1, MOST_GROUPS);
  if (fields['sessionGapMs'] !== undefined) within('/sessionGapMs', fields['sessionGapMs'], SHORTEST_GAP_MS, DAY_MS);
  if (fields['by'] !== undefined) text('/by', fields['by']);
  if (fields['per'] !== undefined || question.ask === 'retention')
    oneOf('/per', fields['per'], question.ask === 'retention' ? INTERVALS.slice(1) : INTERVALS);
  switch (question.ask) {
    case 'number':
      text('/property', fields['property']);
      oneOf('/take', fields['take'], ['sum', 'average', 'minimum', 'maximum']);
      break;
    case 'breakdown':
      text('/property', fields['property']);
      break;
    case 'uniques': {
      const of: unknown = question.of;
      if (of !== 'people' && of !== 'sessions') text('/of/property', (isObject(of) ? of : {})['property']);
      break;
    }
    case 'funnel':
      if (!Array.isArray(question.steps) || question.steps.length < 2 || question.steps.length > MOST_STEPS)
        throw invalid('/steps', `a list of 2 to ${MOST_STEPS} selections`);
      within('/windowMs', fields['windowMs'], 1, LONGEST_WINDOW_MS);
      break;
    case 'retention':
      within('/periods', fields['periods'], 1, MOST_PERIODS);
      break;
    case 'paths':
      within('/depth', fields['depth'], 1, DEEPEST_PATH);
      oneOf('/direction', fields['direction'], ['after', 'before']);
      break;
    case 'pages':
      checkFilters('/where', question.where);
      break;
    case 'names':
      if (fields['startsWith'] !== undefined && typeof fields['startsWith'] !== 'string') throw invalid('/startsWith', 'a text');
      break;
    case 'count':
    case 'sessions':
      break;
  }
}

function checkScope(fields: Fields): void {
  const { from, to, timeZone } = fields as { readonly from?: unknown; readonly to?: unknown; readonly timeZone?: unknown };
  if (from !== undefined) within('/from', from, -LATEST_MS, LATEST_MS);
  if (to !== undefined) within('/to', to, -LATEST_MS, LATEST_MS);
  if (typeof from === 'number' && typeof to === 'number' && from >= to)
    throw invalid('/to', 'an instant after /from, which the range ends before');
  if (timeZone === undefined) return;
  if (timeZone === 'person') {
    if (fields['ask'] === 'retention' || fields['ask'] === 'sessions')
      throw invalid('/timeZone', 'one zone for all: the periods of people are compared');
    return;
  }
  if (typeof timeZone !== 'string' || !isZone(timeZone)) throw invalid('/timeZone', 'a name such as Europe/Berlin, or person');
}

function checkSelection(pointer: string, selection: unknown): void {
  if (!isObject(selection)) throw invalid(pointer, 'an object with names, where, or neither for any event');
  const { names } = selection;
  const isList = Array.isArray(names) && names.length > 0 && names.length <= MOST_NAMES && names.every((name) => typeof name === 'string');
  if (names !== undefined && !isList) throw invalid(`${pointer}/names`, `a list of 1 to ${MOST_NAMES} names`);
  checkFilters(`${pointer}/where`, selection['where']);
}

function checkFilters(pointer: string, where: unknown): void {
  if (where === undefined) return;
  if (!Array.isArray(where) || where.length > MOST_FILTERS) throw invalid(pointer, `a list of at most ${MOST_FILTERS} filters`);
  for (const [i, filter] of where.entries()) checkFilter(`${pointer}/${i}`, filter as AnalyticsFilter);
}

function checkFilter(pointer: string, filter: AnalyticsFilter): void {
  if (!isObject(filter)) throw invalid(pointer, 'a filter');
  text(`${pointer}/property`, filter.property);
  oneOf(`${pointer}/is`, filter.is, COMPARISONS);
  const value: unknown = filter.value;
  const at = `${pointer}/value`;
  if (filter.is === 'in') {
    if (!Array.isArray(value) || value.length === 0 || value.length > MOST_VALUES || !value.every(isScalar))
      throw invalid(at, `a list of 1 to ${MOST_VALUES} texts, numbers or booleans`);
  } else if (filter.is === 'exists') {
    if (value !== undefined && typeof value !== 'boolean') throw invalid(at, 'true or false');
  } else if (filter.is === 'greater' || filter.is === 'less') {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(at, 'a number');
  } else if (filter.is === 'contains') {
    text(at, value);
  } else if (!isScalar(value)) throw invalid(at, 'a text, number or boolean');
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= LONGEST_TEXT;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(pointer: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_TEXT)
    throw invalid(pointer, `a text of 1 to ${LONGEST_TEXT} characters`);
}

function oneOf(pointer: string, value: unknown, words: readonly string[]): void {
  if (!words.includes(String(value))) throw invalid(pointer, `one of ${words.join(', ')}`);
}

function within(pointer: string, value: unknown, least: number, most: number): void {
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > most)
    throw invalid(pointer, `a whole number from ${least} to ${most}`);
}

function invalid(pointer: string, expected: string): TendrilError {
  return new TendrilError('INPUT_INVALID', { pointer, expected });
}
