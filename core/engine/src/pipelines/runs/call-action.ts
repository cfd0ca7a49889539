import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { ActionDescription, ActionPath, Caller } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import { pause } from '../../environment.ts';
import type { ActionService } from '../../hub.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import { canonicalJson } from '../../canonical-json.ts';
import { CALLS, RUNS } from '../tables.ts';
import { withLargeValues } from './blobs.ts';
import { keepError, thrownError } from './kept-error.ts';
import { digest, newRunId } from './records.ts';
import type { RunRecord } from './records.ts';
import { readRun } from './run-executor.ts';
import type { RunListeners } from './run-listeners.ts';
import type { RunStarter } from './start-run.ts';

/** What calling needs. */
export interface CallActionOptions {
  readonly tenants: TenantOpener;
  readonly actions: ActionPath;
  readonly starter: RunStarter;
  readonly listeners: RunListeners;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

type Options = NonNullable<Parameters<ActionService['call']>[2]>;

/** What a call gave. */
export type CallAnswer = Awaited<ReturnType<ActionService['call']>>;

/** Calls one action for an API, as `ActionService.call`. */
export type CallAction = (tenantId: string, name: string, input: JsonObject, options?: Options) => Promise<CallAnswer>;

/** Another process may be working on the run: how often its row is looked at, in milliseconds. */
const LOOK_AGAIN_MS = 250;

/** @returns the function behind `ActionService.call`: reads are called directly, everything else is a run of one step */
export function createCallAction(dependencies: CallActionOptions): CallAction {
  return async (tenantId, name, input, options = {}) => {
    const description = await dependencies.actions.find(tenantId, name);
    if (description === undefined) throw new TendrilError('ACTION_UNKNOWN', { action: name });
    const tenant = await dependencies.tenants.open(tenantId);
    if (description.effect === 'read' || options.isDryRun === true)
      return callDirectly(dependencies, tenant, description, name, input, options);
    const { idempotencyKey } = options;
    const run = newCall(dependencies, name, input, options);
    if (idempotencyKey === undefined) {
      if (!(await dependencies.starter.start(tenant, run))) throw new TendrilError('CONFLICT', { action: name });
      return answer(dependencies, tenant, run.id);
    }
    return answer(dependencies, tenant, await startOnce(dependencies, tenant, run, idempotencyKey, options));
  };
}

function callerOf(options: Options): Caller {
  return options.principal === undefined ? { kind: 'hub' } : { kind: 'key', id: options.principal.keyId };
}

async function callDirectly(
  { actions, random }: CallActionOptions,
  tenant: OpenTenant,
  description: ActionDescription,
  name: string,
  input: JsonObject,
  options: Options,
): Promise<CallAnswer> {
  const result = await actions.execute({
    tenantId: tenant.tenant.id,
    name,
    input,
    idempotencyKey: `call-${digest(random.id(), 48)}`,
    attempt: 1,
    caller: callerOf(options),
    isTest: options.isTest ?? false,
    ...(options.connection === undefined ? {} : { connection: options.connection }),
    ...(options.isDryRun === undefined ? {} : { isDryRun: options.isDryRun }),
    ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
  });
  const isCommitted = result.changes.length === 0 || options.isDryRun === true || (await tenant.state.commit(result.changes)).ok;
  if (!isCommitted) throw new TendrilError('CONFLICT', { action: description.name });
  return { output: result.output };
}

function newCall({ clock, random }: CallActionOptions, action: string, input: JsonObject, options: Options): RunRecord {
  const now = clock.now();
  const connection = options.connection === undefined ? {} : { connection: options.connection };
  return {
    id: newRunId(now, random.id()),
    pipeline: action,
    version: 0,
    state: 'running',
    startedAt: now,
    isTest: options.isTest ?? false,
    settings: {},
    caller: callerOf(options),
    call: { action, input, ...connection },
    ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
  };
}

/** @returns the id of the run that the key stands for, which the first call started */
async function startOnce(
  { starter, clock }: CallActionOptions,
  tenant: OpenTenant,
  run: RunRecord,
  idempotencyKey: string,
  options: Options,
): Promise<string> {
  const key = digest(idempotencyKey, 64);
  const asked = digest(canonicalJson([run.pipeline, run.call?.input ?? {}, options.connection ?? null]), 64);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const [row] = await tenant.state.get(CALLS, [key]);
    if (row !== undefined) {
      if (row.value['asked'] !== asked) throw new TendrilError('IDEMPOTENCY_KEY_REUSED');
      return row.value['runId'] as string;
    }
    const isStarted = await starter.start(tenant, run, [
      { op: 'put', table: CALLS, value: { key, runId: run.id, asked, createdAt: clock.now() }, expect: 0 },
    ]);
    if (isStarted) return run.id;
  }
  throw new TendrilError('CONFLICT', { action: run.pipeline });
}

async function answer({ listeners, timers }: CallActionOptions, tenant: OpenTenant, runId: string): Promise<CallAnswer> {
  for (;;) {
    const moved = new AbortController();
    // Listens before it looks, so that no change falls in between.
    const stop = listeners.once(tenant.tenant.id, runId, () => {
      moved.abort();
    });
    try {
      const [row] = await tenant.state.get(RUNS, [runId]);
      if (row === undefined) throw new TendrilError('RUN_UNKNOWN', { runId });
      if (row.value['state'] !== 'running') return await settled(tenant, runId);
      await pause(timers, LOOK_AGAIN_MS, moved.signal);
    } finally {
      stop();
    }
  }
}

async function settled(tenant: OpenTenant, runId: string): Promise<CallAnswer> {
  const run = await readRun(tenant.state, runId);
  const [step] = await withLargeValues(tenant.state, run?.steps.slice(0, 1) ?? []);
  if (run?.record.state === 'cancelled') throw new TendrilError('RUN_CANCELLED', { runId });
  if (run?.record.state === 'succeeded') return { output: step?.output ?? null, runId };
  if (run?.record.state === 'needs_review') throw new TendrilError('ACTION_NEEDS_REVIEW', { runId });
  const error = run?.record.error ?? step?.error ?? keepError(undefined);
  // A run that sleeps until its next attempt goes on by itself; the caller may ask again under the same key.
  const retryAfterMs = run?.record.state === 'sleeping' && step?.until !== undefined ? { retryAt: step.until } : {};
  throw thrownError(error, { runId, ...retryAfterMs });
}
