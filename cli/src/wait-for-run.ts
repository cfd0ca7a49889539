import { setTimeout } from 'node:timers/promises';
import { CommandFault, EXIT } from './failure.ts';
import type { HubClient } from './hub-client.ts';
import { WAITS_FOR_A_PERSON } from './run-rows.ts';
import type { ShownRun } from './run-rows.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Waits until a run has ended or goes on only when a person does something.
 *
 * @throws CommandFault when the one who waits gives up: the run goes on
 */
export async function waitForRun(hub: HubClient, runId: string, signal: AbortSignal): Promise<ShownRun> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    const run = await hub.request<ShownRun>('GET', `/v1/runs/${encodeURIComponent(runId)}`);
    if (run.endedAt !== undefined || WAITS_FOR_A_PERSON.has(run.state)) return run;
    await setTimeout(pauseMs, undefined, { signal }).catch(() => {
      throw new CommandFault(`Run ${runId} goes on; \`tendril runs show ${runId}\` shows it.`, EXIT.tryAgain);
    });
  }
}
