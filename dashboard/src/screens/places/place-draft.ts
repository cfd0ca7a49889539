import type { Candidate, PlaceDefinition } from '../../api/customers/places.ts';
import type { JsonObject } from '../../api/types.ts';

/** A candidate that is being written. */
export interface CandidateDraft extends Omit<Candidate, 'content' | 'when'> {
  /** Tells it apart while its id is being typed. */
  readonly key: string;
  /** Results are kept by its id, so that it stays once it was saved. */
  readonly isSaved: boolean;
  /** Missing while it cannot be read. */
  readonly content: JsonObject | undefined;
  /** Empty for everybody. */
  readonly when: string;
}

/** A place that is being written. */
export interface PlaceDraft extends Omit<PlaceDefinition, 'fallback' | 'candidates' | 'title'> {
  readonly title: string;
  readonly fallback: JsonObject | undefined;
  readonly candidates: readonly CandidateDraft[];
}

/** A place to begin with. */
export const FIRST_PLACE: PlaceDefinition = {
  id: '',
  kind: 'page_slot',
  fallback: { headline: 'Welcome' },
  candidates: [{ id: 'candidate_1', content: { headline: '' } }],
};

const NAME = /^[a-z0-9][a-z0-9_-]{0,59}$/;
const FALLBACK = 'fallback';

/** A place to be edited. */
export function draftOf({ title = '', candidates, ...place }: PlaceDefinition, isNew: boolean): PlaceDraft {
  return {
    ...place,
    title,
    candidates: candidates.map(({ when = '', ...candidate }) => ({ ...candidate, when, key: candidate.id, isSaved: !isNew })),
  };
}

/** A candidate to begin with, beside others. */
export function newCandidate(others: readonly CandidateDraft[]): CandidateDraft {
  for (let number = others.length + 1; ; number += 1) {
    const id = `candidate_${String(number)}`;
    if (!others.some((other) => other.id === id || other.key === id))
      return { id, key: id, isSaved: false, content: { headline: '' }, when: '' };
  }
}

/** What is to be saved, or all that is missing, each in a sentence. */
export function readPlace(draft: PlaceDraft): { readonly place: PlaceDefinition } | { readonly faults: readonly string[] } {
  const { title, fallback, candidates, ...rest } = draft;
  const faults = [...findHeadFaults(draft), ...candidates.flatMap((candidate, index) => findCandidateFaults(candidate, index, candidates))];
  if (fallback === undefined || faults.length > 0) return { faults };
  const words = title.trim() === '' ? {} : { title: title.trim() };
  return { place: { ...rest, ...words, fallback, candidates: candidates.map(readCandidate) } };
}

function readCandidate({ key: _key, isSaved: _isSaved, when, title = '', content = {}, ...rest }: CandidateDraft): Candidate {
  return {
    ...rest,
    ...(title.trim() === '' ? {} : { title: title.trim() }),
    ...(when.trim() === '' ? {} : { when: when.trim() }),
    content,
  };
}

function* findHeadFaults({ id, fallback }: PlaceDraft): Generator<string> {
  if (!NAME.test(id)) yield 'The name of the place needs small letters, digits, - or _.';
  if (fallback === undefined) yield 'The content of the fallback cannot be read.';
}

function findCandidateFaults(candidate: CandidateDraft, index: number, all: readonly CandidateDraft[]): readonly string[] {
  const { id, title, content, priority, weight, holdoutRatio, limitPerPerson, startsAt, endsAt } = candidate;
  const which = `“${title?.trim() || id || `candidate ${String(index + 1)}`}”`;
  const checks: readonly (readonly [boolean, string])[] = [
    [!NAME.test(id), `The name of ${which} needs small letters, digits, - or _.`],
    [id === FALLBACK, `No candidate can be named ${FALLBACK}.`],
    [all.findIndex((other) => other.id === id) < index, `Two candidates are named “${id}”.`],
    [content === undefined, `The content of ${which} cannot be read.`],
    [
      priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= 1_000),
      `The priority of ${which} is a whole number up to 1,000.`,
    ],
    [weight !== undefined && !(weight >= 0 && weight <= 1_000_000), `The weight of ${which} is a number from 0.`],
    [holdoutRatio !== undefined && !(holdoutRatio >= 0 && holdoutRatio < 1), `The share held out of ${which} is from 0 to 99.`],
    [
      limitPerPerson !== undefined && !(Number.isInteger(limitPerPerson.times) && limitPerPerson.times >= 1 && limitPerPerson.times <= 50),
      `How often one person sees ${which} is a whole number from 1 to 50.`,
    ],
    [
      limitPerPerson !== undefined && !/^[1-9][0-9]{0,5}[mhd]$/.test(limitPerPerson.within),
      `Say within how many minutes, hours or days one person sees ${which} that often.`,
    ],
    [startsAt !== undefined && endsAt !== undefined && Date.parse(startsAt) >= Date.parse(endsAt), `${which} ends before it begins.`],
  ];
  return checks.flatMap(([isWrong, fault]) => (isWrong ? [fault] : []));
}
