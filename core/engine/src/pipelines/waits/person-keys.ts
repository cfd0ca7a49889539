import type { LoggedEvent } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import { personOf } from '../../events/index.ts';
import type { RunRecord } from '../runs/records.ts';
import { readProfile } from '../starts/profiles.ts';

/** Somebody may have used many devices; the profile's id finds the events of all of them, and identities only those after a merge. */
const MAX_KEYS = 16;
/** Kinds of identities by which the log knows people. */
const LOG_KINDS = ['userId:', 'anonymousId:'] as const;

/** By whom events of a person can come. */
export interface PersonKeys {
  /** For the index of waits: `profile:…` first. */
  readonly keys: readonly string[];
  /** For the log: `userId:…`, `anonymousId:…`. */
  readonly identities: readonly string[];
}

/** Finds out by which keys the person of a run is known now. */
export async function keysOfRun(tenantId: string, run: RunRecord, actions: ActionPath): Promise<PersonKeys> {
  const own = run.event === undefined ? undefined : personOf(run.event);
  const known = run.personId === undefined ? undefined : await profileKeys(tenantId, run.personId, run.isTest, actions);
  const identities = [...new Set([...(own === undefined ? [] : [own]), ...(known?.identities ?? [])])];
  const profiles = [...new Set([known?.id, run.personId])].flatMap((id) => (id === undefined ? [] : [profileKey(id)]));
  return { keys: [...profiles, ...identities].slice(0, MAX_KEYS), identities };
}

/** The keys that an event itself shows. */
export function keysOfEvent({ profileId, identities }: LoggedEvent): readonly string[] {
  const own = personOf(identities);
  return [...(profileId === undefined ? [] : [profileKey(profileId)]), ...(own === undefined ? [] : [own])];
}

/** All identities that lead to a profile, those of people who were merged into it among them. */
export async function profileKeys(
  tenantId: string,
  profileId: string,
  isTest: boolean,
  actions: ActionPath,
): Promise<{ readonly id: string; readonly identities: readonly string[] } | undefined> {
  const profile = await readProfile(actions, tenantId, profileId, isTest);
  if (profile === undefined) return undefined;
  const { id, identities } = profile;
  const ofLog = Array.isArray(identities) ? identities.filter(isOfLog) : [];
  return { id: typeof id === 'string' ? id : profileId, identities: ofLog.toSorted(byKind) };
}

function isOfLog(identity: unknown): identity is string {
  return typeof identity === 'string' && LOG_KINDS.some((kind) => identity.startsWith(kind));
}

// The userIds first: they are few, and they last.
function byKind(left: string, right: string): number {
  const kindOf = (identity: string): number => LOG_KINDS.findIndex((kind) => identity.startsWith(kind));
  return kindOf(left) - kindOf(right);
}

function profileKey(profileId: string): string {
  return `profile:${profileId}`;
}
