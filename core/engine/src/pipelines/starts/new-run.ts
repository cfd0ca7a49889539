import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { JobGate } from '../../ports.ts';
import type { Flow } from '../compiled.ts';
import type { Deployed } from '../deployments.ts';
import { EvaluationFault } from '../../expressions/index.ts';
import type { Scope } from '../../expressions/index.ts';
import { withoutUndefined } from '../runs/records.ts';
import type { RunRecord } from '../runs/records.ts';
import { gateKey, scopeOf } from './gate-keys.ts';
import type { GateOwner } from './gate-keys.ts';

/** Members of a run that whoever starts it has to say. */
type Said = Pick<
  RunRecord,
  | 'id'
  | 'startedAt'
  | 'isTest'
  | 'personId'
  | 'eventId'
  | 'event'
  | 'events'
  | 'profile'
  | 'input'
  | 'requestId'
  | 'hops'
  | 'position'
  | 'parent'
  | 'broadcastId'
  | 'replayOf'
  | 'lock'
>;

/** What starts a run. */
export interface RunStart extends Said {
  /** Where it runs: the environment of the app whose event starts it. The one in which the version is in force unless told. */
  readonly environment?: EnvironmentName | undefined;
  /** Who calls its actions; the pipeline unless told. */
  readonly caller?: RunRecord['caller'] | undefined;
  /** Serial keys that are held until this run has ended: those of the run that waits for it, none when nobody waits. */
  readonly heldSerialKeys?: readonly string[] | undefined;
}

const DEFAULT_PRIORITY = 5;
const MOST_URGENT = 0;
const LEAST_URGENT = 9;

/**
 * A run with everything pinned that it needs: priority, gates and serial keys among it. A limit whose key cannot be
 * evaluated starts nothing; a priority that cannot be is the usual one.
 *
 * @throws TendrilError RUN_NOT_STARTED with `details.code`: `key_failed`, or `serial_held` when it would wait for the run that waits for it
 */
export function newRun(deployed: Deployed, start: RunStart): RunRecord {
  const { record, compiled, settings } = deployed;
  const { environment = record.environment, caller, heldSerialKeys = [], profile, ...said } = start;
  const owner: GateOwner = { pipeline: record.id, environment, isTest: start.isTest };
  const scope = scopeOf({ ...said, ...(profile === undefined ? {} : { profile }), settings });
  const { gates, serialKey } = gatesOf(owner, compiled.flow, scope);
  if (serialKey !== undefined && heldSerialKeys.includes(serialKey))
    throw new TendrilError('RUN_NOT_STARTED', { pipeline: record.id, code: 'serial_held' });
  const serialKeys = serialKey === undefined ? heldSerialKeys : [...heldSerialKeys, serialKey];
  const run = {
    ...said,
    pipeline: record.id,
    version: record.version,
    environment,
    state: 'running',
    settings,
    caller: caller ?? { kind: 'pipeline', id: record.id },
    priority: priorityOf(compiled.flow.priority, scope),
    profile: compiled.readsProfile ? profile : undefined,
    gates: gates.length > 0 ? gates : undefined,
    serialKeys: serialKeys.length > 0 ? serialKeys : undefined,
    lock: said.lock ?? deployed.lock,
  };
  return withoutUndefined(run) as unknown as RunRecord;
}

function gatesOf(owner: GateOwner, flow: Flow, scope: Scope): { readonly gates: readonly JobGate[]; readonly serialKey?: string } {
  const { concurrency, serial, throttle } = flow;
  const gates: JobGate[] = [];
  try {
    if (concurrency !== undefined)
      gates.push({ kind: 'concurrency', key: gateKey(owner, concurrency.key, scope), limit: concurrency.limit });
    if (throttle !== undefined) {
      const { limit, periodMs, burst } = throttle;
      gates.push({ kind: 'throttle', key: gateKey(owner, throttle.key, scope), limit, periodMs, burst });
    }
    if (serial === undefined) return { gates };
    const serialKey = gateKey(owner, serial.key, scope);
    return { gates: [...gates, { kind: 'serial', key: serialKey }], serialKey };
  } catch (error) {
    throw refusalOf(owner.pipeline, error);
  }
}

/** What a limit whose key cannot be evaluated is told as; other errors as they are. */
export function refusalOf(pipeline: string, error: unknown): unknown {
  if (!(error instanceof EvaluationFault)) return error;
  const details: JsonObject = {
    pipeline,
    code: 'key_failed',
    expression: error.expression,
    position: error.fault.start + 1,
    problem: error.fault.message,
  };
  return new TendrilError('RUN_NOT_STARTED', details, { cause: error });
}

function priorityOf(priority: Flow['priority'], scope: Scope): number {
  if (typeof priority === 'number') return clamped(priority);
  try {
    const value = priority.evaluate(scope);
    return typeof value === 'number' || typeof value === 'bigint' ? clamped(Number(value)) : DEFAULT_PRIORITY;
  } catch (error) {
    if (error instanceof EvaluationFault) return DEFAULT_PRIORITY;
    throw error;
  }
}

function clamped(priority: number): number {
  return Number.isNaN(priority) ? DEFAULT_PRIORITY : Math.min(LEAST_URGENT, Math.max(MOST_URGENT, Math.round(priority)));
}
