import type { LoggedEvent } from '@tendril/plugin-api';
import type { Batch } from './batch.ts';
import { identityOf, normaliseEmail } from './identity.ts';
import type { Person } from './person.ts';

/** The identities that an event mentions. */
export interface Mentions {
  readonly userId: string | undefined;
  readonly anonymousId: string | undefined;
  readonly email: string | undefined;
  /** Of an `alias`: what the person was known by, as either kind of id. */
  readonly previous: readonly string[];
}

/** What of an event tells whom it is about. Nothing for what the hub itself reports: that is not a sign of life. */
export function mentionsOf(event: LoggedEvent, emailTrait: string): Mentions | undefined {
  if (event.kind === 'hub') return undefined;
  const { userId, anonymousId, previousId } = event.identities;
  const email = event.kind === 'group' || emailTrait === '' ? undefined : normaliseEmail(own(event.traits, emailTrait));
  const mentions: Mentions = {
    userId: userId === undefined ? undefined : identityOf('userId', userId),
    anonymousId: anonymousId === undefined ? undefined : identityOf('anonymousId', anonymousId),
    email: email === undefined ? undefined : identityOf('email', email),
    previous:
      event.kind === 'alias' && previousId !== undefined ? [identityOf('userId', previousId), identityOf('anonymousId', previousId)] : [],
  };
  return listOf(mentions).length === 0 ? undefined : mentions;
}

/** All identities of an event. */
export function listOf({ userId, anonymousId, email, previous }: Mentions): readonly string[] {
  return [userId, anonymousId, email, ...previous].filter((identity) => identity !== undefined);
}

/**
 * Finds or makes the person of an event, and joins people whom the event says to be one.
 *
 * People with a userId each stay apart unless an `alias` names both. Somebody without one belongs to whom a userId or an
 * e-mail address in the same event points to. An identity that leads to somebody else stays with that person.
 */
export function assignEvent(event: LoggedEvent, mentions: Mentions, batch: Batch): Person {
  const isPreviousNew = mentions.previous.every((identity) => batch.find(identity) === undefined);
  const person =
    mentions.userId === undefined ? assignAnonymous(event, mentions, batch) : assignKnown(event, mentions, mentions.userId, batch);
  for (const identity of listOf(isPreviousNew ? mentions : { ...mentions, previous: [] })) batch.attach(person, identity);
  return person;
}

function assignKnown(event: LoggedEvent, mentions: Mentions, userId: string, batch: Batch): Person {
  const free = [...mentions.previous, mentions.anonymousId, mentions.email]
    .map((identity) => batch.find(identity))
    .find((other) => other?.isIdentified === false);
  const aliased = batch.find(mentions.previous.find(isUserId));
  const person = batch.find(userId) ?? aliased ?? free ?? batch.create(event);
  // From here on the person has the userId, so that nobody else is joined to it by less than an alias.
  batch.attach(person, userId);
  for (const previous of mentions.previous) {
    const other = batch.find(previous);
    // A device's id may be that of somebody else who used it: only naming two userIds joins identified people.
    if (other !== undefined && (isUserId(previous) || !other.isIdentified)) batch.merge(other, person, 'alias', event);
  }
  join(batch.find(mentions.anonymousId), person, 'identify', event, batch);
  join(batch.find(mentions.email), person, 'email', event, batch);
  return person;
}

function assignAnonymous(event: LoggedEvent, mentions: Mentions, batch: Batch): Person {
  const device = batch.find(mentions.anonymousId ?? mentions.previous.find((identity) => batch.find(identity) !== undefined));
  const owner = batch.find(mentions.email);
  if (device === undefined) return owner ?? batch.create(event);
  if (owner === undefined || owner === device || (owner.isIdentified && device.isIdentified)) return device;
  const [loser, winner] = isRather(owner, device) ? [device, owner] : [owner, device];
  batch.merge(loser, winner, 'email', event);
  return winner;
}

function join(other: Person | undefined, person: Person, reason: 'identify' | 'email', event: LoggedEvent, batch: Batch): void {
  if (other !== undefined && !other.isIdentified) batch.merge(other, person, reason, event);
}

/** Which of two stays: the identified one, else the one that was there first. */
function isRather(left: Person, right: Person): boolean {
  if (left.isIdentified !== right.isIdentified) return left.isIdentified;
  return left.createdPosition < right.createdPosition;
}

function isUserId(identity: string): boolean {
  return identity.startsWith('userId:');
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
}
