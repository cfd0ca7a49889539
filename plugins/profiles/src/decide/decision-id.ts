import { hash } from 'node:crypto';
import { FALLBACK } from './place.ts';

/** What a decision was about, as its id tells it. */
export interface DecisionParts {
  readonly place: string;
  readonly version: number;
  /** `fallback` for the fallback; the candidate that was held back from somebody held out. */
  readonly candidate: string;
  readonly isHoldout: boolean;
}

const MINUTE_MS = 60_000;
const DIGEST_CHARACTERS = 12;
const FORM = /^([a-z0-9][a-z0-9_-]{0,59})\.([1-9][0-9]{0,8})\.([a-z0-9][a-z0-9_-]{0,59})\.([chf])\.[0-9a-z]{1,10}\.[A-Za-z0-9_-]{12}$/;

/**
 * Names a decision: the same for the same person, place, version and choice within a minute, so that a page that asks twice
 * is counted once. It says what was decided and nothing of the person.
 *
 * @param person the person's id, or the identity that was asked for
 * @param at epoch milliseconds
 */
export function decisionIdOf({ place, version, candidate, isHoldout }: DecisionParts, person: string, at: number): string {
  const kind = candidate === FALLBACK ? 'f' : isHoldout ? 'h' : 'c';
  const head = `${place}.${String(version)}.${candidate}.${kind}.${Math.floor(at / MINUTE_MS).toString(36)}`;
  return `${head}.${hash('sha256', `${head}\0${person}`, 'base64url').slice(0, DIGEST_CHARACTERS)}`;
}

/** What an id says; `undefined` for what is none. */
export function readDecisionId(id: unknown): DecisionParts | undefined {
  if (typeof id !== 'string') return undefined;
  const [, place, version, candidate, kind] = FORM.exec(id) ?? [];
  if (place === undefined || candidate === undefined || (kind === 'f') !== (candidate === FALLBACK)) return undefined;
  return { place, version: Number(version), candidate, isHoldout: kind === 'h' };
}
