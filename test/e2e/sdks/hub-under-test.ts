import { setTimeout } from 'node:timers/promises';
import type { JsonObject } from '@tendril/plugin-api';
import { KEYS } from '../../../core/server/test/fake-hub.ts';
import { serve } from '../../../core/server/test/served.ts';

/** A hub that Segment's libraries are pointed at. */
export interface HubUnderTest {
  readonly url: string;
  readonly writeKey: string;
  /** Calls that were taken in, oldest first. */
  calls(): readonly JsonObject[];
  /** Waits for so many calls. */
  until(count: number): Promise<readonly JsonObject[]>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 10;

/** Starts a server whose hub keeps what it is given in memory. */
export async function startHub(): Promise<HubUnderTest> {
  const served = await serve();
  const { hub, url } = served;
  const calls = (): readonly JsonObject[] => hub.accepted.map(({ call }) => call);
  return {
    url,
    writeKey: KEYS.write,
    calls,
    async until(count) {
      while (calls().length < count) await setTimeout(LOOK_EVERY_MS);
      return calls();
    },
    close: () => served.close(),
  };
}

/** Types of calls, sorted, to compare what was sent with what arrived. */
export function typesOf(calls: readonly JsonObject[]): readonly string[] {
  return calls.map(({ type }) => (typeof type === 'string' ? type : 'none')).toSorted();
}

/** Every type of the tracking API, sorted. */
export const ALL_TYPES: readonly string[] = ['alias', 'group', 'identify', 'page', 'screen', 'track'];
