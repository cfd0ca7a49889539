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
  readonly holdoutRatio?: number;
}

/** A place with its candidates. */
export interface PlaceDetail {
  readonly version: number;
  readonly currentVersion: number;
  readonly savedAt: Instant;
  readonly place: {
    readonly id: string;
    readonly title?: string;
    readonly kind: PlaceInfo['kind'];
    readonly strategy?: 'first' | 'weighted';
    readonly fallback: JsonObject;
    readonly candidates: readonly Candidate[];
  };
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
  results: async (id: string, signal?: AbortSignal): Promise<readonly CandidateResult[]> =>
    (await api.action<{ readonly candidates: readonly CandidateResult[] }>('profiles.place_results', { id }, signal)).candidates,
} as const;
