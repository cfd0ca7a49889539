import { api } from '../client.ts';
import type { Instant, JsonObject } from '../types.ts';

/** A value that the columnar copy of the log keeps. */
export type Scalar = string | number | boolean;

/** How far an answer reaches. */
export interface Freshness {
  readonly position: number;
  readonly head: number;
  readonly behindEvents: number;
  readonly behindMs: number;
}

/** One value of a breakdown, or the whole. */
export interface MeasuredGroup {
  readonly group?: Scalar | null;
  readonly value?: number;
  /** Intervals in order; those in which nothing happened are left out. */
  readonly series?: readonly { readonly at: string; readonly value?: number }[];
}

/** Figures over time. */
export interface Measured extends Freshness {
  readonly groups: readonly MeasuredGroup[];
  readonly isCut: boolean;
}

/** How many people go how far. */
export interface Funnel extends Freshness {
  readonly groups: readonly {
    readonly group?: Scalar | null;
    readonly steps: readonly {
      readonly people: number;
      readonly ofFirstRatio: number;
      readonly ofPreviousRatio: number;
      readonly medianMs?: number;
    }[];
  }[];
  readonly isCut: boolean;
}

/** Who comes back. */
export interface Retention extends Freshness {
  readonly cohorts: readonly { readonly at: string; readonly people: number; readonly back: readonly number[] }[];
}

/** Figures of sessions. */
export interface SessionFigures {
  readonly sessions: number;
  readonly people: number;
  readonly events: number;
  readonly averageDurationMs: number;
  readonly medianDurationMs: number;
  readonly bounceRatio: number;
}

/** Sessions over time. */
export interface Sessions extends Freshness, SessionFigures {
  readonly series?: readonly (SessionFigures & { readonly at: string })[];
}

/** What people do after something, or did before it. */
export interface Paths extends Freshness {
  /** How often it happened. */
  readonly occurrences: number;
  /** In the order in which they happened, without the event itself. */
  readonly paths: readonly { readonly names: readonly string[]; readonly occurrences: number }[];
  readonly isCut: boolean;
}

/** Views of pages. */
export interface Pages extends Freshness {
  /** The most viewed first; without `medianMs` where a page was always the last of a session. */
  readonly pages: readonly { readonly path: string; readonly views: number; readonly people: number; readonly medianMs?: number }[];
  readonly isCut: boolean;
}

/** An event that there is, with what it carries. */
export interface KnownEvent {
  readonly name: string;
  readonly events: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  readonly properties: readonly { readonly name: string; readonly type: 'number' | 'text' | 'boolean' }[];
}

/** A question that needs no set-up. */
export interface ReadyQuestion {
  readonly id: string;
  readonly title: string;
  readonly action: string;
  readonly input: JsonObject;
  readonly isReady: boolean;
  readonly missing: readonly string[];
}

/** Questions about events. */
export const analyticsApi = {
  ask: <Answer>(action: string, input: object, signal?: AbortSignal) => api.action<Answer>(action, input, signal),
  names: async (signal?: AbortSignal): Promise<readonly KnownEvent[]> =>
    (await api.action<{ readonly names: readonly KnownEvent[] }>('analytics.names', { limit: 200, includesTest: true }, signal)).names,
  ready: async (signal?: AbortSignal): Promise<readonly ReadyQuestion[]> =>
    (await api.action<{ readonly items: readonly ReadyQuestion[] }>('analytics.ready_made', {}, signal)).items,
} as const;
