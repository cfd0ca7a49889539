import { TendrilError } from '@tendril/plugin-api';
import type { Expressions, Json } from '@tendril/plugin-api';
import { RULE_ENVIRONMENT } from './compiled-place.ts';
import type { Candidate, Place } from './place.ts';

const MOST_CONTENT_BYTES = 16 * 1024;
const MOST_BYTES = 256 * 1024;
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

type Problem = Readonly<Record<string, Json>>;

/**
 * What the schema cannot say of a place, all of it at once.
 *
 * @throws TendrilError INPUT_INVALID with `problems`, each with a pointer into the place; a rule's fault with `start` and `end` in its text
 */
export function checkPlace(place: Place, expressions: Expressions): void {
  const problems = [
    ...checkContent(place.fallback, '/fallback'),
    ...checkIds(place.candidates),
    ...place.candidates.flatMap((candidate, index) => checkCandidate(candidate, `/candidates/${String(index)}`, expressions)),
    ...(byteLength(place) > MOST_BYTES
      ? [{ pointer: '', message: `is larger than ${String(MOST_BYTES / 1024)} KiB: keep long texts in templates` }]
      : []),
  ];
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { place: place.id, problems });
}

function checkIds(candidates: Place['candidates']): readonly Problem[] {
  return candidates.flatMap(({ id }, index) => {
    const first = candidates.findIndex((other) => other.id === id);
    return first === index
      ? []
      : [{ pointer: `/candidates/${String(index)}/id`, message: `"${id}" is the id of /candidates/${String(first)} already` }];
  });
}

function checkCandidate({ when, content, startsAt, endsAt }: Candidate, pointer: string, expressions: Expressions): readonly Problem[] {
  return [
    ...checkContent(content, `${pointer}/content`),
    ...checkMoment(startsAt, `${pointer}/startsAt`),
    ...checkMoment(endsAt, `${pointer}/endsAt`),
    ...(startsAt !== undefined && endsAt !== undefined && Date.parse(startsAt) >= Date.parse(endsAt)
      ? [{ pointer: `${pointer}/endsAt`, message: 'is not after startsAt' }]
      : []),
    ...(when === undefined ? [] : checkRule(when, `${pointer}/when`, expressions)),
  ];
}

function checkContent(content: object, pointer: string): readonly Problem[] {
  return byteLength(content) > MOST_CONTENT_BYTES
    ? [{ pointer, message: `is larger than ${String(MOST_CONTENT_BYTES / 1024)} KiB: keep long texts in a template and name it here` }]
    : [];
}

function checkMoment(text: string | undefined, pointer: string): readonly Problem[] {
  return text === undefined || (MOMENT.test(text) && !Number.isNaN(Date.parse(text)))
    ? []
    : [{ pointer, message: 'is no moment: a date, or a time with its zone, as in 2026-03-01T09:00:00+01:00' }];
}

function checkRule(when: string, pointer: string, expressions: Expressions): readonly Problem[] {
  try {
    expressions.compile(when, RULE_ENVIRONMENT);
    return [];
  } catch (error) {
    if (!TendrilError.is(error) || error.code !== 'EXPRESSION_INVALID') throw error;
    const { problem, start, end, suggestion } = error.details as { problem: string; start: number; end: number; suggestion?: string };
    return [{ pointer, message: problem, start, end, ...(suggestion !== undefined && { suggestion }) }];
  }
}

function byteLength(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
