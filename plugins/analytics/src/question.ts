import type { AnalyticsFilter, AnalyticsScope, EventSelection } from '@tendril/plugin-api';

/** Events as inputs of actions name them; the schema cannot say which value fits which comparison, the contract checks that. */
interface GivenSelection {
  readonly names?: readonly string[];
  readonly where?: readonly GivenFilter[];
}

interface GivenFilter {
  readonly property: string;
  readonly is: AnalyticsFilter['is'];
  readonly value?: unknown;
}

interface GivenScope {
  readonly from?: string;
  readonly to?: string;
  readonly timeZone?: string;
  readonly includesTest?: boolean;
}

const MINUTE_MS = 60_000;

/** Which events a question means. */
export function selectionOf({ names, where }: GivenSelection = {}): EventSelection {
  return { ...(names !== undefined && { names }), ...(where !== undefined && { where: filtersOf(where) }) };
}

/** Filters of a question. What does not fit is refused by the contract, with a pointer. */
export function filtersOf(where: readonly GivenFilter[]): readonly AnalyticsFilter[] {
  return where.map((filter) => filter as AnalyticsFilter);
}

/** Range and calendar of a question. */
export function scopeOf({ from, to, timeZone, includesTest }: GivenScope): AnalyticsScope {
  return {
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(to !== undefined && { to: Date.parse(to) }),
    ...(timeZone !== undefined && { timeZone }),
    ...(includesTest !== undefined && { includesTest }),
  };
}

/** Series, split and bound of a question. */
export function splitOf<Interval extends string>({
  per,
  by,
  limit,
}: {
  readonly per?: Interval;
  readonly by?: string;
  readonly limit?: number;
}): { readonly per?: Interval; readonly by?: string; readonly limit?: number } {
  return { ...(per !== undefined && { per }), ...(by !== undefined && { by }), ...(limit !== undefined && { limit }) };
}

/** The silence that ends a session. */
export function gapOf({ sessionGapMinutes }: { readonly sessionGapMinutes?: number }): { readonly sessionGapMs?: number } {
  return sessionGapMinutes === undefined ? {} : { sessionGapMs: sessionGapMinutes * MINUTE_MS };
}
