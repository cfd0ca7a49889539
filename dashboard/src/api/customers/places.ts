import { api } from '../client.ts';
import type { Instant, JsonObject, Page } from '../types.ts';
import { defined } from './defined.ts';

/** Somewhere that content is decided for. */
export interface PlaceInfo {
  readonly id: string;
  readonly title: string;
  readonly kind: 'message' | 'page_slot' | 'offer';
  readonly version: number;
  readonly candidates: number;
  readonly savedAt: Instant;
}

/** What may be shown at a place. */
export interface Candidate {
  readonly id: string;
  readonly title?: string;
  readonly content: JsonObject;
  readonly when?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly startsAt?: string;
  readonly endsAt?: string;
  /** How often one person sees it. */
  readonly limitPerPerson?: { readonly times: number; readonly within: string };
  readonly holdoutRatio?: number;
}

/** What a place is, in the words of those who make one. */
export const PLACE_KINDS: Readonly<Record<PlaceInfo['kind'], string>> = { message: 'Message', page_slot: 'Part of a page', offer: 'Offer' };

/** A place as it is saved. */
export interface PlaceDefinition {
  readonly id: string;
  readonly title?: string;
  readonly kind: PlaceInfo['kind'];
  readonly strategy?: 'first' | 'weighted';
  readonly fallback: JsonObject;
  readonly candidates: readonly Candidate[];
}

/** A place with its candidates. */
export interface PlaceDetail {
  readonly version: number;
  readonly currentVersion: number;
  readonly savedAt: Instant;
  readonly place: PlaceDefinition;
}

/** What is wrong with a place that is being made. */
export interface PlaceProblem {
  /** Where in the place. */
  readonly pointer: string;
  readonly message: string;
  /** In a rule, in characters. */
  readonly start?: number;
  readonly end?: number;
  readonly suggestion?: string;
}

/** What somebody would see at a place, and why. */
export interface PlaceDecision {
  /** Missing for the fallback. */
  readonly candidate: string | null;
  readonly content: JsonObject;
  readonly isFallback: boolean;
  readonly reason: string;
  readonly considered: readonly { readonly candidate: string; readonly outcome: string; readonly why: string }[];
}

/** What the hub says of a place that was not saved. */
export interface PlacePreview {
  readonly problems: readonly PlaceProblem[];
  readonly decision?: PlaceDecision;
}

/** How often something was shown, and what people made of it. */
export interface Shown {
  readonly shown: number;
  readonly clicked: number;
  readonly dismissed: number;
  readonly clickedRatio: number | null;
  /** Lower end of its interval of 95 %. */
  readonly clickedRatioLow: number | null;
  readonly clickedRatioHigh: number | null;
}

/** Results of one candidate. */
export interface CandidateResult extends Shown {
  /** `fallback` for the fallback. */
  readonly candidate: string;
  readonly isCurrent: boolean;
  /** Those who got the fallback instead. */
  readonly heldOut?: Shown;
}

/** Personalisation: what is shown where, and how it does. */
export const placesApi = {
  list: (page: { readonly cursor?: string | undefined }, signal?: AbortSignal) =>
    api.action<Page<PlaceInfo>>('profiles.place_list', { limit: 50, ...defined(page) }, signal),
  get: (id: string, signal?: AbortSignal) => api.action<PlaceDetail>('profiles.place_get', { id }, signal),
  /** @param basedOn the version that was edited, 0 for a new place */
  save: (place: PlaceDefinition, basedOn: number) =>
    api.action<{ readonly id: string; readonly version: number; readonly isChanged: boolean }>('profiles.place_save', { place, basedOn }),
  remove: (id: string) => api.action<{ readonly isDeleted: boolean }>('profiles.place_delete', { id }),
  /** Decides for somebody as a place would that was not saved. */
  preview: (place: PlaceDefinition, whom: { readonly person: string; readonly context: JsonObject }, signal?: AbortSignal) =>
    api.action<PlacePreview>('profiles.place_preview', { place, ...whom }, signal),
  /** What is wrong with a rule; nothing when it is sound. */
  checkRule: async (when: string, signal?: AbortSignal): Promise<PlaceProblem | undefined> => {
    const place: PlaceDefinition = { id: 'checked', kind: 'offer', fallback: {}, candidates: [{ id: 'checked', content: {}, when }] };
    return (await api.action<PlacePreview>('profiles.place_preview', { place }, signal)).problems[0];
  },
  results: async (id: string, signal?: AbortSignal): Promise<readonly CandidateResult[]> =>
    (await api.action<{ readonly candidates: readonly CandidateResult[] }>('profiles.place_results', { id }, signal)).candidates,
} as const;
