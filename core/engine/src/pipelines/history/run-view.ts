import type { JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Run, RunInfo, StepInfo } from '../contract.ts';
import { withoutUndefined } from '../runs/records.ts';
import type { RunRecord, StepRecord } from '../runs/records.ts';
import { mask } from './mask.ts';
import type { Sight } from './mask.ts';

const MASKED: Sight = { unmasked: false };

/** The run without its steps, as it can be shown: services say in their errors whom something was about. */
export function toRunInfo(record: RunRecord, sight: Sight = MASKED): RunInfo {
  const { id, pipeline, version, environment, state, startedAt, endedAt, personId, eventId, isTest, error, reason, broadcastId, replayOf } =
    record;
  return withoutUndefined({
    id,
    pipeline,
    version,
    environment,
    state,
    startedAt,
    endedAt,
    personId,
    eventId,
    isTest,
    error: mask(error, undefined, sight),
    reason: mask(reason, undefined, sight),
    parentId: record.parent?.runId,
    broadcastId,
    replayOf,
  }) as unknown as RunInfo;
}

/** The run with its steps in the order of the definition, masked by the schemas of their actions. */
export function toRun(record: RunRecord, steps: readonly StepRecord[], actions: Pick<ActionPath, 'list'>, sight: Sight): Run {
  const schemas = new Map(actions.list().map(({ name, input, output }) => [name, { input, output }]));
  for (const { implements: capability, input, output } of actions.list())
    if (capability !== undefined && !schemas.has(capability)) schemas.set(capability, { input, output });
  const shown = steps
    .toSorted((a, b) => comparePaths(a.path, b.path))
    .map((step) => toStepInfo(step, schemas.get(step.action ?? ''), sight));
  return {
    ...toRunInfo(record, sight),
    steps: shown,
    // They are the pipeline's own, and nobody's personal values.
    settings: mask(record.settings, undefined, { unmasked: true }) as JsonObject,
    ...withoutUndefined({
      input: mask(record.input, undefined, sight),
      output: mask(record.output, undefined, sight),
      compensation: record.compensation,
      onError: record.onError,
      requestId: record.requestId,
    }),
  };
}

interface ActionSchemas {
  readonly input: JsonObject;
  readonly output: JsonObject;
}

function toStepInfo(record: StepRecord, schemas: ActionSchemas | undefined, sight: Sight): StepInfo {
  const { path, id, kind, action, connection, state, attempts, startedAt, endedAt, until, error } = record;
  return withoutUndefined({
    path,
    id,
    kind,
    action,
    connection,
    state,
    attempts,
    startedAt,
    endedAt,
    until,
    input: mask(record.input, schemas?.input, sight),
    output: mask(record.output, schemas?.output, sight),
    error: mask(error, undefined, sight),
  }) as unknown as StepInfo;
}

/** In the order of the definition: numbers by size, the rest as text. */
export function comparePaths(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
