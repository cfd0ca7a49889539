import type { LoggedEvent } from '@tendril/plugin-api';
import type { Consent, Part } from './part.ts';
import { saidAt } from './said-at.ts';

const MOST_CATEGORIES = 100;
/** Further ones are noted as far as they are refusals: nobody's consents keep an opt-out from being heard. */
const MOST_REFUSALS = 1_000;
const LONGEST_CATEGORY = 200;
const NOTHING = Object.freeze({});

/** What of one person is said of a purpose, category or channel. */
export interface ConsentStatement {
  readonly category: string;
  readonly isGranted: boolean;
}

/** Segment's `context.consent.categoryPreferences`: `{ "Advertising": false }`. */
export function consentIn({ context }: LoggedEvent): readonly ConsentStatement[] {
  return Object.entries(objectIn(objectIn(context, 'consent'), 'categoryPreferences'))
    .filter(([category, isGranted]) => typeof isGranted === 'boolean' && category !== '__proto__' && category.length <= LONGEST_CATEGORY)
    .slice(0, MOST_CATEGORIES)
    .map(([category, isGranted]) => ({ category, isGranted: isGranted === true }));
}

function objectIn(object: object, name: string): object {
  const value: unknown = Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : NOTHING;
}

/**
 * Notes what was said. A refusal is noted of all parts of the person, so that it still holds for each when they are
 * separated; a consent only of the part whose event it is.
 */
export function stateConsent(part: Part, { category, isGranted }: ConsentStatement, event: LoggedEvent): void {
  const said = saidBy(event, isGranted);
  for (const each of isGranted ? [part] : part.person.parts) noteConsent(each, category, said);
}

/** Notes it of all parts of a person. */
export function stateConsentOfAll(parts: readonly Part[], { category, isGranted }: ConsentStatement, event: LoggedEvent): void {
  for (const part of parts) noteConsent(part, category, saidBy(event, isGranted));
}

function saidBy(event: LoggedEvent, isGranted: boolean): Consent {
  return { isGranted, at: saidAt(event), source: event.id };
}

function noteConsent(part: Part, category: string, said: Consent): void {
  const known = part.consent.get(category);
  if (known === undefined ? !hasRoom(part, said) : isAfter(known, said)) return;
  part.consent.set(category, said);
  part.person.isTouched = true;
}

function hasRoom({ consent }: Part, { isGranted }: Consent): boolean {
  return consent.size < (isGranted ? MOST_CATEGORIES : MOST_REFUSALS);
}

/** Of two at the same millisecond the refusal counts, whichever came first. */
function isAfter(known: Consent, said: Consent): boolean {
  if (known.at !== said.at) return known.at > said.at;
  if (known.isGranted !== said.isGranted) return !known.isGranted;
  return known.source >= said.source;
}
