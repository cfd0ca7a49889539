import { ago } from './instants.ts';

/** A broadcast as the API gives it. */
export interface ShownBroadcast {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly state: string;
  readonly segment?: string;
  readonly perMinute?: number;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly total?: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly error?: unknown;
}

/** How much of a broadcast has been started or passed over: `120 of 300 (40 %)`. */
export function progressText({ total, started, skipped }: ShownBroadcast): string {
  const done = started + skipped;
  if (total === undefined) return String(done);
  return total === 0 ? '0 of 0' : `${done} of ${total} (${Math.floor((Math.min(done, total) / total) * 100)} %)`;
}

/** A broadcast as a row of a table. */
export function broadcastRow(broadcast: ShownBroadcast, now: number): Readonly<Record<string, unknown>> {
  const { id, pipeline, state, createdAt, started, succeeded, failed, skipped } = broadcast;
  return { broadcast: id, pipeline, state, sent: ago(createdAt, now), done: progressText(broadcast), started, succeeded, failed, skipped };
}
