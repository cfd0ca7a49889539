import { api } from '../client.ts';
import type { Instant, Page } from '../types.ts';
import { defined } from './defined.ts';

/** Where a pair of people stands. */
export type DuplicateState = 'open' | 'merged' | 'dismissed' | 'closed';

/** What one field says of a pair. */
export interface FieldEvidence {
  /** A trait, with dots for what lies inside of one; empty for `household`. */
  readonly field: string;
  readonly level: 'exact' | 'near' | 'similar' | 'partial' | 'swapped' | 'different' | 'household';
  /** Above 0 it speaks for one person, below 0 for two. */
  readonly bits: number;
  readonly shapes: readonly string[];
}

/** Two people who may be one. */
export interface Duplicate {
  /** Both ids, joined by `~`. */
  readonly id: string;
  readonly left: string;
  readonly right: string;
  readonly state: DuplicateState;
  /** 0 to 1. */
  readonly probability: number;
  readonly bits: number;
  readonly evidence: readonly FieldEvidence[];
  readonly proposedAt: Instant;
  readonly decidedAt?: Instant;
  readonly decidedBy?: 'person' | 'rule' | 'identity' | 'data';
  readonly reason?: string;
}

/** What looking at some people gave. */
export interface DuplicateSearch {
  readonly looked: number;
  readonly proposed: number;
  readonly mergeRequests: number;
  readonly nextCursor?: string;
}

/** People who may be one. */
export const duplicatesApi = {
  list: (state: DuplicateState, page: { readonly cursor?: string | undefined }, signal?: AbortSignal) =>
    api.action<Page<Duplicate>>('profiles.duplicates', { state, limit: 20, ...defined(page) }, signal),
  dismiss: (id: string, reason?: string) =>
    api.action<{ readonly id: string; readonly state: string }>('profiles.dismiss_duplicate', { id, ...defined({ reason }) }),
  look: (cursor: string | undefined, signal: AbortSignal) =>
    api.action<DuplicateSearch>('profiles.find_duplicates', { limit: 200, ...defined({ cursor }) }, signal),
} as const;
