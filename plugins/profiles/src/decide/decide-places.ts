import type { Call } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';
import { choose } from './choose.ts';
import type { Choice } from './choose.ts';
import { decisionIdOf } from './decision-id.ts';
import { momentFor } from './moment.ts';
import { nameOf, readFacts } from './person-facts.ts';
import type { Asked, PersonFacts } from './person-facts.ts';
import { FALLBACK } from './place.ts';
import { openPlaces } from './places.ts';
import type { OpenPlace } from './places.ts';
import { NO_SIGHTS, readSights } from './sights.ts';
import type { Sights } from './sights.ts';
import { LATE, within } from './within.ts';

/** What is asked. */
export interface Question extends Asked {
  readonly places: readonly string[];
  readonly context: object;
  readonly exclude: readonly string[];
  readonly timeoutMs: number;
  /** Nobody will ask for the reasons. */
  readonly isPlain?: boolean;
}

/** What was decided for one place. */
export interface Decision {
  readonly id: string;
  readonly place: OpenPlace;
  readonly choice: Choice;
  /** Why nobody was looked for in the candidates: nobody of this identity is known, or the time was up. */
  readonly unsure?: 'nobody' | 'late';
}

interface Known {
  readonly facts: PersonFacts;
  readonly sights: Sights;
}

const NOBODY: Choice = { isHoldout: false, considered: [] };

/**
 * Decides what a person sees at some places. Reads the places' versions and the person, each once, and writes nothing.
 *
 * @returns in the order of the places; `undefined` where there is none
 */
export async function decidePlaces(question: Question, call: Call<Settings>): Promise<readonly (Decision | undefined)[]> {
  return decideOpened(openPlaces(question.places, call), question, call);
}

/** Decides for places that are opened meanwhile, in force or not. */
export async function decideOpened(
  opening: Promise<readonly (OpenPlace | undefined)[]>,
  question: Question,
  call: Call<Settings>,
): Promise<readonly (Decision | undefined)[]> {
  const [opened, facts] = await Promise.all([opening, within(question.timeoutMs, readFacts(question, call))]);
  if (facts === LATE || facts === undefined)
    return opened.map((place) => place && unsure(place, question, facts === LATE ? 'late' : 'nobody', call));
  const counting = opened.flatMap((place) => (place?.compiled.hasLimits === true ? [place.id] : []));
  const sights = counting.length === 0 ? NO_SIGHTS : await within(question.timeoutMs, readSights(facts.parts, counting, call));
  if (sights === LATE) return opened.map((place) => place && unsure(place, question, 'late', call));
  return opened.map((place) => place && decide(place, question, { facts, sights }, call));
}

function unsure(place: OpenPlace, question: Question, why: 'nobody' | 'late', call: Call<Settings>): Decision {
  return { ...toDecision(place, NOBODY, nameOf(question), call), unsure: why };
}

function decide(
  place: OpenPlace,
  { context, exclude, isPlain = false }: Question,
  { facts, sights }: Known,
  call: Call<Settings>,
): Decision {
  const at = call.clock.now();
  const choice = choose(place.compiled, {
    person: facts.id,
    place: place.id,
    roots: {
      profile: facts.profile,
      context,
      now: place.compiled.readsNow ? momentFor(at, facts.profile.traits, call.tenant.timeZone) : {},
    },
    at,
    exclude: new Set(exclude),
    isPlain,
    shownAt: (candidate) => sights.get(place.id)?.get(candidate) ?? [],
  });
  return toDecision(place, choice, facts.id, call);
}

function toDecision(place: OpenPlace, choice: Choice, person: string, call: Call<Settings>): Decision {
  const candidate =
    choice.candidate?.definition.id ?? choice.considered.find(({ outcome }) => outcome === 'held_out')?.candidate.definition.id;
  const parts = { place: place.id, version: place.version, candidate: candidate ?? FALLBACK, isHoldout: choice.isHoldout };
  return { id: decisionIdOf(parts, person, call.clock.now()), place, choice };
}
