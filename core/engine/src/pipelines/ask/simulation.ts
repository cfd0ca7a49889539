import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { Run, StepInfo } from '../contract.ts';
import type { SimulatedStep, Simulation, WouldCall } from './contract.ts';
import type { RecordedCall } from './simulated-actions.ts';

/** What a run that was played through has done. */
export function toSimulation(run: Run, calls: readonly RecordedCall[], emitted: readonly LoggedEvent[]): Simulation {
  const { state, startedAt, endedAt, output, error, reason } = run;
  return {
    state,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    steps: run.steps.map(toStep),
    calls: calls.filter(({ runId }) => runId === run.id).map(toCall),
    emitted: emitted
      .filter(({ causedBy }) => causedBy?.runId === run.id)
      .map(({ name, properties, occurredAt }) => ({ event: name, properties, at: occurredAt })),
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The call without what only a simulation needs to know. */
export function toCall({ runId: _runId, personId: _personId, ...call }: RecordedCall): WouldCall {
  return call;
}

function toStep({ path, id, kind, state, startedAt, endedAt, output, error }: StepInfo): SimulatedStep {
  const rest: JsonObject = {
    ...(id === undefined ? {} : { id }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
  };
  return { path, kind, state, startedAt, ...rest };
}
