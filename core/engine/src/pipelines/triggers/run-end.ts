import type { Timers } from '../../environment.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { RunRecord } from '../runs/records.ts';
import type { RunListeners } from '../runs/run-listeners.ts';
import { RUNS } from '../tables.ts';

/** Another process may be working on the run: how often its row is looked at, in milliseconds. */
const LOOK_AGAIN_MS = 250;

/** Waits for the end of a run. Made before the run starts, so that an end in this process needs no look at the store. */
export interface RunEnd {
  /** @returns the run when it has ended within the time; `undefined` when it has not */
  within(timeoutMs: number): Promise<RunRecord | undefined>;
  /** Listens no more; safe to call twice. */
  stop(): void;
}

/** @param looksFirst the run may have ended long ago: its row is looked at before anything is heard of it */
export function awaitRunEnd(
  { listeners, timers }: { readonly listeners: RunListeners; readonly timers: Timers },
  tenant: OpenTenant,
  runId: string,
  looksFirst: boolean,
): RunEnd {
  let heard: RunRecord | undefined;
  let wake: () => void = () => undefined;
  let stopListening = (): void => undefined;
  const listen = (): void => {
    stopListening = listeners.once(tenant.tenant.id, runId, (run) => {
      heard = run;
      if (run.endedAt === undefined) listen();
      wake();
    });
  };
  listen();

  const heardEnd = (): RunRecord | undefined => (heard?.endedAt === undefined ? undefined : heard);

  async function look(): Promise<RunRecord | undefined> {
    const [row] = await tenant.state.get(RUNS, [runId]);
    const run = row?.value as unknown as RunRecord | undefined;
    return run?.endedAt === undefined ? undefined : run;
  }

  return {
    within: async (timeoutMs) => {
      const endMs = timers.monotonicMs() + timeoutMs;
      const before = looksFirst ? await look() : undefined;
      if (before !== undefined) return before;
      for (let leftMs = timeoutMs; leftMs > 0; leftMs = endMs - timers.monotonicMs()) {
        const known = heardEnd();
        if (known !== undefined) return known;
        // Not by an abort signal: each would make an error with its stack.
        await new Promise<void>((resolve) => {
          const cancel = timers.after(Math.min(LOOK_AGAIN_MS, leftMs), resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
        const ended = heardEnd() ?? (await look());
        if (ended !== undefined) return ended;
      }
      return undefined;
    },
    stop: () => {
      stopListening();
    },
  };
}
