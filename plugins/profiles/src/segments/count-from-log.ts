import type { Call, LoggedEvent } from '@tendril/plugin-api';
import type { Aggregate } from '../behaviour/aggregate.ts';
import { windowOf } from '../behaviour/window.ts';
import type { Settings } from '../gen/manifest.gen.ts';
import { loadIdentityRules } from '../identity-rules.ts';
import { createPartOfPast } from './part-of-past.ts';
import type { StatesOfPart } from './person-at-rest.ts';

const PAGE = 2_000;
/** The latest events of the log that are read, at most. */
const MOST_EVENTS = 100_000;

/** States that were put together from the log, and on what they rest. */
export interface CountedFromLog extends StatesOfPart {
  readonly eventsExamined: number;
  /** Whether there was more that may have counted. */
  readonly isPartial: boolean;
}

/**
 * Counts what is not kept yet, from the latest part of the log.
 *
 * @param options.until when to end, in epoch milliseconds of the call's clock
 */
export async function countFromLog(
  aggregates: readonly Aggregate[],
  { now, until }: { readonly now: number; readonly until: number },
  call: Call<Settings>,
): Promise<CountedFromLog> {
  const states = new Map<string, string>();
  const statesOf = (part: string, id: string): string | undefined => states.get(`${id}/${part}`);
  if (aggregates.length === 0) return Object.assign(statesOf, { eventsExamined: 0, isPartial: false });
  const head = await call.events.head();
  const wanted = await firstThatCounts(aggregates, now, head, call);
  const start = Math.max(wanted, head - MOST_EVENTS);
  const partOfPast = createPartOfPast(await loadIdentityRules(call.settings), call);
  const names = [...new Set(aggregates.map(({ definition }) => definition.event))];
  let position = start;
  let isEnd = head === 0;
  while (!isEnd && call.clock.now() < until) {
    const stretch = await call.events.read({ after: position, upTo: head, limit: PAGE, names });
    const parts = await partOfPast(stretch.items);
    for (const [index, event] of stretch.items.entries()) add(states, aggregates, event, parts[index], now);
    isEnd = stretch.isEnd || stretch.position <= position;
    position = stretch.position;
  }
  return Object.assign(statesOf, { eventsExamined: position - start, isPartial: start > wanted || !isEnd });
}

function add(
  states: Map<string, string>,
  aggregates: readonly Aggregate[],
  event: LoggedEvent,
  part: string | undefined,
  now: number,
): void {
  if (part === undefined) return;
  for (const aggregate of aggregates) {
    const sample = aggregate.definition.event === event.name ? aggregate.sampleOf(event) : undefined;
    const key = `${aggregate.id}/${part}`;
    const state = sample === undefined ? undefined : aggregate.add(states.get(key), sample, now);
    if (state !== undefined) states.set(key, state);
  }
}

/** The position behind which everything lies that may count: what came before the longest window counts no more. */
async function firstThatCounts(aggregates: readonly Aggregate[], now: number, head: number, call: Call<Settings>): Promise<number> {
  const longestMs = Math.max(
    ...aggregates.map(({ definition: { windowMs } }) => (windowMs === 0 ? Infinity : windowMs + windowOf(windowMs).grainMs)),
  );
  if (longestMs === Infinity) return 0;
  let [before, behind] = [0, head];
  while (before < behind) {
    const middle = Math.floor((before + behind) / 2);
    const [event] = (await call.events.read({ after: middle, limit: 1 })).items;
    if (event !== undefined && event.receivedAt < now - longestMs) before = middle + 1;
    else behind = middle;
  }
  return before;
}
