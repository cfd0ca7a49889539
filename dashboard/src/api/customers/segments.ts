import { toApiProblem } from '../api-problem.ts';
import { api } from '../client.ts';
import type { Instant, Json, JsonObject, Page } from '../types.ts';
import { defined } from './defined.ts';

/** How far the preparing of a definition is. */
export interface DefinitionProgress {
  readonly stage: 'counting' | 'sorting' | 'telling';
  /** Of the stage, 0 to 1. */
  readonly ratio: number;
  readonly version: number;
}

/** What segments and computed traits have in common. */
export interface DefinitionInfo {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** `changing`: the version before serves meanwhile. */
  readonly state: 'preparing' | 'active' | 'changing';
  readonly version: number;
  readonly savedAt: Instant;
  readonly progress?: DefinitionProgress;
}

/** A segment in the list. */
export interface SegmentInfo extends DefinitionInfo {
  readonly condition: string;
  readonly members: number;
}

/** A segment with what it depends on. */
export interface Segment extends SegmentInfo {
  readonly next?: { readonly version: number; readonly condition: string };
  readonly reads: readonly string[];
  /** Segments whose conditions ask for it. */
  readonly usedBy: readonly string[];
}

/** What may be wrong with a condition, and where. */
export interface ConditionWarning {
  readonly message: string;
  readonly start?: number;
  readonly end?: number;
}

/** Whom a condition would reach. */
export interface SegmentPreview {
  readonly count: number;
  readonly estimate: number;
  readonly peopleExamined: number;
  readonly peopleTotal: number;
  readonly eventsExamined: number;
  readonly isPartial: boolean;
  readonly sample: readonly { readonly id: string; readonly traits: JsonObject }[];
  readonly warnings: readonly ConditionWarning[];
}

/** What saving a definition came to. */
export interface DefinitionSaved {
  readonly name: string;
  readonly isNew: boolean;
  /** Whether something has to be prepared: not where only words changed. */
  readonly isChanged: boolean;
  /** Whether it can be read by now; otherwise soon. */
  readonly isVisible?: boolean;
  readonly warnings: readonly ConditionWarning[];
}

/** Why somebody is in a segment, or is not. */
export interface SegmentReason {
  readonly isMember: boolean;
  readonly since?: Instant;
  readonly version: number;
  readonly holdsNow: boolean;
  readonly joinedBy: '&&' | '||';
  readonly clauses: readonly {
    readonly condition: string;
    readonly holds: boolean;
    readonly values: readonly { readonly expression: string; readonly value: Json }[];
  }[];
  readonly events: readonly {
    readonly id: string;
    readonly name: string;
    readonly occurredAt: Instant;
    readonly countsFor: string;
    readonly properties: JsonObject;
  }[];
}

/** Somebody who is in a segment. */
export interface SegmentMember {
  readonly id: string;
  readonly since: Instant;
  readonly traits: JsonObject;
}

/** What a segment is saved with. */
export interface NewSegment {
  readonly name: string;
  readonly condition: string;
  readonly title?: string;
  readonly description?: string;
  /** Whether everybody who is in at the first moment is reported as entered. */
  readonly announce?: boolean;
}

/** How events are summed up. */
export const AGGREGATES = [
  'count',
  'sum',
  'average',
  'minimum',
  'maximum',
  'first',
  'last',
  'unique_count',
  'most_frequent',
  'since',
  'exists',
] as const;

/** What a computed trait shows. */
export interface TraitDefinition {
  readonly event: string;
  readonly aggregate: (typeof AGGREGATES)[number];
  readonly where?: string;
  readonly property?: string;
  /** `90m`, `12h`, `30d`; ever without it. */
  readonly window?: string;
}

/** A computed trait. */
export interface ComputedTrait extends DefinitionInfo {
  readonly trait: TraitDefinition;
}

/** What a computed trait is saved with. */
export interface NewTrait {
  readonly name: string;
  readonly trait: TraitDefinition;
  readonly title?: string;
  readonly description?: string;
}

/** Segments of people. */
export const segmentsApi = {
  list: async (signal?: AbortSignal): Promise<readonly SegmentInfo[]> =>
    (await api.action<{ readonly items: readonly SegmentInfo[] }>('profiles.segment_list', {}, signal)).items,
  get: (name: string, signal?: AbortSignal) => api.action<Segment>('profiles.segment_get', { name }, signal),
  preview: (condition: string, signal?: AbortSignal) =>
    api.action<SegmentPreview>('profiles.segment_preview', { condition, sample: 10 }, signal),
  /** Resolves when what was saved can be read, or a few seconds later. */
  save: async (segment: NewSegment): Promise<DefinitionSaved> => {
    const saved = await api.action<DefinitionSaved>('profiles.segment_save', segment);
    if (saved.isVisible === false && saved.isNew) await untilReadable(saved.name);
    return saved;
  },
  remove: (name: string) =>
    api.action<{ readonly name: string; readonly warnings: readonly string[] }>('profiles.segment_delete', { name }),
  members: (name: string, page: { readonly cursor?: string | undefined }, signal?: AbortSignal) =>
    api.action<Page<SegmentMember> & { readonly total?: number }>(
      'profiles.segment_members',
      { name, limit: 50, ...defined(page) },
      signal,
    ),
  why: (name: string, person: string, signal?: AbortSignal) => api.action<SegmentReason>('profiles.segment_why', { name, person }, signal),
} as const;

/** Traits that are made of events. */
export const traitsApi = {
  list: async (signal?: AbortSignal): Promise<readonly ComputedTrait[]> =>
    (await api.action<{ readonly items: readonly ComputedTrait[] }>('profiles.trait_list', {}, signal)).items,
  save: (trait: NewTrait) => api.action<DefinitionSaved>('profiles.trait_save', trait),
  remove: (name: string) => api.action<{ readonly name: string }>('profiles.trait_delete', { name }),
} as const;

const TRIES = 20;
const PAUSE_MS = 250;

/** A definition is a fact of the log: it shows once profiles have read that far. */
async function untilReadable(name: string): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      await segmentsApi.get(name);
      return;
    } catch (thrown) {
      if (toApiProblem(thrown).status !== 404) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
