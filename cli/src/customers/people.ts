import { CommandFault } from '../failure.ts';
import type { HubClient } from '../hub-client.ts';
import { callAction } from './actions.ts';

/** A person as the hub shows it. */
export interface ShownPerson {
  readonly id: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly identities: readonly string[];
  readonly groups: readonly string[];
  readonly segments: readonly string[];
  readonly consent: Readonly<Record<string, 'granted' | 'denied'>>;
  readonly aliases: readonly string[];
  readonly isIdentified: boolean;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** How a person is named on the command line. */
export const PERSON_TEXT = "a profile's id, an e-mail address, or an identity such as userId:u1";

const KINDS = new Set(['userId', 'anonymousId', 'email', 'phone', 'deviceId']);

/** Questions to `profiles.find` that a text may mean, the likeliest first; none for what can only be an id. */
export function questionsFor(text: string): readonly Readonly<Record<string, unknown>>[] {
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(colon, 0));
  const value = text.slice(colon + 1);
  if (KINDS.has(kind) && value !== '') return [{ [kind]: value }];
  if (kind.startsWith('external.') && value !== '') return [{ externalId: { type: kind.slice('external.'.length), id: value } }];
  if (text.includes('@')) return [{ email: text }];
  return /^\+[\d\s()-]{5,}$/.test(text) ? [{ phone: text }] : [];
}

/**
 * The person that a text names.
 *
 * @throws CommandFault when nobody is known by it
 */
export async function readPerson(hub: HubClient, text: string): Promise<ShownPerson> {
  const [question] = questionsFor(text);
  if (question === undefined) return callAction<ShownPerson>(hub, 'profiles.get', { id: text });
  const { person } = await callAction<{ readonly person: ShownPerson | null }>(hub, 'profiles.find', question);
  if (person === null) throw new CommandFault(`Nobody is known as ${text}.`);
  return person;
}

/** The id of the person that a text names. @throws CommandFault when nobody is known by it */
export async function personIdOf(hub: HubClient, text: string): Promise<string> {
  return questionsFor(text).length === 0 ? text : (await readPerson(hub, text)).id;
}

/** What to call somebody in a table. */
export function nameOfPerson({ traits }: Pick<ShownPerson, 'traits'>): string {
  const { name, firstName, lastName, email } = traits;
  const named = [name, [firstName, lastName].filter((part) => typeof part === 'string').join(' '), email];
  return named.find((text): text is string => typeof text === 'string' && text !== '') ?? '';
}
