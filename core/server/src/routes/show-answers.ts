import type { BackfillInfo, Explanation, Rehearsal, Simulation, StartReason } from '@tendril/engine';
import { withInstants } from './instants.ts';

/** A run that was played through, as it goes over HTTP. */
export function showSimulation(simulation: Simulation): object {
  return {
    ...withInstants(simulation, ['startedAt', 'endedAt']),
    steps: simulation.steps.map((step) => withInstants(step, ['startedAt', 'endedAt'])),
    calls: simulation.calls.map((call) => withInstants(call, ['at'])),
    emitted: simulation.emitted.map((event) => withInstants(event, ['at'])),
  };
}

/** What a pipeline would have done, as it goes over HTTP. */
export function showRehearsal(rehearsal: Rehearsal): object {
  return {
    ...withInstants(rehearsal, ['from', 'to']),
    runs: rehearsal.runs.map((run) => ({ ...withInstants(run, ['at']), calls: run.calls.map((call) => withInstants(call, ['at'])) })),
  };
}

/** Why an event has or has not started a run, as it goes over HTTP. */
export function showReason(reason: StartReason): object {
  return withInstants(reason, ['at']);
}

/** Why a pipeline did or did not do something for a person, as it goes over HTTP. */
export function showExplanation(explanation: Explanation): object {
  return {
    ...explanation,
    starts: explanation.starts.map(showReason),
    heldBack: explanation.heldBack.map((held) => withInstants(held, ['at'])),
  };
}

/** How far a backfill has come, as it goes over HTTP. */
export function showBackfill(backfill: BackfillInfo): object {
  return withInstants(backfill, ['from', 'to']);
}
