import { api } from '../client.ts';
import type { Instant, Json, JsonObject, LoggedEvent, Page } from '../types.ts';
import { defined } from './defined.ts';

/** What is known of a person now. */
export interface Profile {
  /** Of the one it was merged into, when it was. */
  readonly id: string;
  readonly traits: JsonObject;
  /** `kind:value`. */
  readonly identities: readonly string[];
  readonly groups: readonly string[];
  readonly isIdentified: boolean;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
  readonly segments: readonly string[];
  /** By purpose, category or channel. */
  readonly consent: Readonly<Record<string, 'granted' | 'denied'>>;
  /** Ids of all people that this one was made of, its own among them. */
  readonly aliases: readonly string[];
}

/** What an event changed of a person. */
export interface PersonChange {
  readonly kind: string;
  readonly trait?: string;
  readonly value?: Json;
  readonly before?: Json;
  readonly category?: string;
  readonly isGranted?: boolean;
  readonly link?: string;
  readonly person?: string;
  readonly reason?: string;
}

/** An event of a person with what it changed. */
export interface TimelineEntry {
  /** Message id. */
  readonly id: string;
  readonly position: number;
  readonly kind: string;
  readonly name: string;
  readonly occurredAt: Instant;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly changes?: readonly PersonChange[];
}

/** A value that a trait had. */
export interface FormerValue {
  readonly value: Json;
  readonly since: Instant;
  readonly until: Instant;
  /** Message id of the event that stated it last. */
  readonly source: string;
}

/** One of two people that a merge would come apart into. */
export interface PersonHalf {
  readonly identities: readonly string[];
  readonly groups: readonly string[];
  readonly traits: JsonObject;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
}

/** Two people who were joined. */
export interface Merge {
  readonly link: string;
  readonly into: string;
  readonly from: string;
  readonly reason: string;
  readonly evidence?: string;
  readonly eventId: string;
  readonly position: number;
  readonly at: Instant;
  readonly isUndone: boolean;
  readonly undoneAt?: Instant;
  readonly undoneReason?: string;
  readonly undoing?: { readonly staying: PersonHalf; readonly leaving: PersonHalf };
}

/** What a merge or its undoing came to. */
export interface MergeAnswer {
  /** False when it was so already. */
  readonly isChanged: boolean;
  /** Missing where two were one already and nothing joins them directly. */
  readonly link?: string;
  /** Whether profiles show it by now; otherwise soon. */
  readonly isVisible: boolean;
  readonly position?: number;
}

/** By what a person is looked up. */
export type Identification =
  { readonly userId: string } | { readonly anonymousId: string } | { readonly email: string } | { readonly phone: string };

/** People and what is known of them. */
export const peopleApi = {
  get: (id: string, signal?: AbortSignal) => api.action<Profile>('profiles.get', { id }, signal),
  getMany: async (ids: readonly string[], signal?: AbortSignal): Promise<readonly Profile[]> =>
    ids.length === 0 ? [] : (await api.action<{ readonly people: readonly Profile[] }>('profiles.get_many', { ids }, signal)).people,
  find: async (known: Identification, signal?: AbortSignal): Promise<Profile | undefined> =>
    (await api.action<{ readonly person?: Profile }>('profiles.find', known, signal)).person,
  timeline: (id: string, page: { readonly cursor?: string | undefined }, signal?: AbortSignal) =>
    api.action<Page<TimelineEntry>>('profiles.timeline', { id, limit: 50, ...defined(page) }, signal),
  /** Oldest first; the last one of each trait is in force. */
  history: async (id: string, trait?: string, signal?: AbortSignal): Promise<Readonly<Record<string, readonly FormerValue[]>>> =>
    (
      await api.action<{ readonly traits: Readonly<Record<string, readonly FormerValue[]>> }>(
        'profiles.history',
        { id, ...defined({ trait }) },
        signal,
      )
    ).traits,
  merges: (id: string, signal?: AbortSignal) =>
    api.action<{ readonly items: readonly Merge[]; readonly apart: readonly { readonly left: string; readonly right: string }[] }>(
      'profiles.merges',
      { id },
      signal,
    ),
  merge: (into: string, from: string, reason?: string) => api.action<MergeAnswer>('profiles.merge', { into, from, ...defined({ reason }) }),
  unmerge: (link: string, reason?: string) => api.action<MergeAnswer>('profiles.unmerge', { link, ...defined({ reason }) }),
} as const;

/** An entry of a timeline as an event of the log, as far as it is known. */
export function toEvent(entry: TimelineEntry, person: string): LoggedEvent {
  return {
    id: entry.id,
    position: entry.position,
    kind: entry.kind,
    name: entry.name,
    appId: '',
    isTest: false,
    occurredAt: entry.occurredAt,
    receivedAt: entry.occurredAt,
    identities: {},
    properties: entry.properties,
    traits: entry.traits,
    context: {},
    profileId: person,
  };
}
