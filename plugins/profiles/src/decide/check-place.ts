import { TendrilError } from '@tendril/plugin-api';
import type { Expressions, JsonObject } from '@tendril/plugin-api';
import type { PlacePreviewOutput } from '../gen/manifest.gen.ts';
import { RULE_ENVIRONMENT } from './compiled-place.ts';
import type { Candidate, Place } from './place.ts';
import { unknownMembers } from './rule-members.ts';

const MOST_CONTENT_BYTES = 16 * 1024;
const MOST_BYTES = 256 * 1024;
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** What is wrong with a place: a pointer into it; a rule's fault with `start` and `end` in its text. */
export type PlaceProblem = PlacePreviewOutput['problems'][number];

/** @throws TendrilError INPUT_INVALID with `problems`, when there are any */
export function checkPlace(place: Place, expressions: Expressions): void {
  const problems = problemsOfPlace(place, expressions).map((problem): JsonObject => ({ ...problem }));
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { place: place.id, problems });
}

/** What the schema cannot say of a place, all of it at once. */
export function problemsOfPlace(place: Place, expressions: Expressions): PlaceProblem[] {
  return [
    ...checkContent(place.fallback, '/fallback'),
    ...checkIds(place.candidates),
    ...place.candidates.flatMap((candidate, index) => checkCandidate(candidate, `/candidates/${String(index)}`, expressions)),
    ...(byteLength(place) > MOST_BYTES
      ? [{ pointer: '', message: `is larger than ${String(MOST_BYTES / 1024)} KiB: keep long texts in templates` }]
      : []),
  ];
}

function checkIds(candidates: Place['candidates']): readonly PlaceProblem[] {
  return candidates.flatMap(({ id }, index) => {
    const first = candidates.findIndex((other) => other.id === id);
    return first === index
      ? []
      : [{ pointer: `/candidates/${String(index)}/id`, message: `"${id}" is the id of /candidates/${String(first)} already` }];
  });
}

function checkCandidate(
  { when, content, startsAt, endsAt }: Candidate,
  pointer: string,
  expressions: Expressions,
): readonly PlaceProblem[] {
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

function checkContent(content: object, pointer: string): readonly PlaceProblem[] {
  return byteLength(content) > MOST_CONTENT_BYTES
    ? [{ pointer, message: `is larger than ${String(MOST_CONTENT_BYTES / 1024)} KiB: keep long texts in a template and name it here` }]
    : [];
}

function checkMoment(text: string | undefined, pointer: string): readonly PlaceProblem[] {
  return text === undefined || (MOMENT.test(text) && !Number.isNaN(Date.parse(text)))
    ? []
    : [{ pointer, message: 'is no moment: a date, or a time with its zone, as in 2026-03-01T09:00:00+01:00' }];
}

function checkRule(when: string, pointer: string, expressions: Expressions): readonly PlaceProblem[] {
  try {
    return unknownMembers(expressions.compile(when, RULE_ENVIRONMENT)).map((fault) => ({ pointer, ...fault }));
  } catch (error) {
    if (!TendrilError.is(error) || error.code !== 'EXPRESSION_INVALID') throw error;
    const { problem, start, end, suggestion } = error.details as { problem: string; start: number; end: number; suggestion?: string };
    return [{ pointer, message: problem, start, end, ...(suggestion !== undefined && { suggestion }) }];
  }
}

function byteLength(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
