import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { Run, StepInfo } from '../contract.ts';
import { mask } from '../history/mask.ts';
import type { Sight } from '../history/mask.ts';
import type { SimulatedStep, Simulation, WouldCall } from './contract.ts';
import type { RecordedCall } from './simulated-actions.ts';

/** What a run that was played through has done. @param run as it is shown with the same sight */
export function toSimulation(run: Run, calls: readonly RecordedCall[], emitted: readonly LoggedEvent[], sight: Sight): Simulation {
  const { state, startedAt, endedAt, output, error, reason } = run;
  return {
    state,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    steps: run.steps.map(toStep),
    calls: calls.filter(({ runId }) => runId === run.id).map((call) => toCall(call, sight)),
    emitted: emitted
      .filter(({ causedBy }) => causedBy?.runId === run.id)
      .map(({ name, properties, occurredAt }) => ({
        event: name,
        properties: mask(properties, undefined, sight) as JsonObject,
        at: occurredAt,
      })),
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The call as it can be shown, without what only a simulation needs to know: secrets never, personal values where they may be seen. */
export function toCall({ runId: _runId, personId: _personId, schemas, ...call }: RecordedCall, sight: Sight): WouldCall {
  const input = mask(call.input, schemas.input, sight) ?? null;
  return { ...call, input, ...(call.output === undefined ? {} : { output: mask(call.output, schemas.output, sight) ?? null }) };
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
