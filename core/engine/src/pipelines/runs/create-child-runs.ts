import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import { compileSchema } from '../../events/index.ts';
import type { FindProblems } from '../../events/index.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import { admit } from '../starts/admission.ts';
import { newRun } from '../starts/new-run.ts';
import { readProfiles } from '../starts/profiles.ts';
import { RUNS } from '../tables.ts';
import type { CancelRun } from './cancel-run.ts';
import type { ChildRuns, ChildStart, ChildState, PreparedChild } from './child-runs.ts';
import { keepError } from './kept-error.ts';
import { newRunId } from './records.ts';
import type { RunRecord } from './records.ts';
import { startChanges } from './start-run.ts';

/** How many pipelines may call one another in a row. */
const MAX_CALL_DEPTH = 10;

/** @returns what runs do with the runs that they call */
export function createChildRuns(options: {
  readonly deployments: Pick<Deployments, 'chosen'>;
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly cancel: CancelRun;
}): ChildRuns {
  const { deployments, actions, clock, cancel } = options;
  return {
    prepare: async (tenant, parent, start) => {
      const depth = (parent.depth ?? 0) + 1;
      if (depth > MAX_CALL_DEPTH) throw new TendrilError('PIPELINE_CALL_DEPTH', { pipeline: start.pipeline, limit: MAX_CALL_DEPTH });
      const deployed = await deployments.chosen(tenant.tenant.id, start.pipeline, parent.environment ?? 'production');
      if (deployed === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: start.pipeline });
      if (deployed.record.isPaused) throw new TendrilError('PIPELINE_PAUSED', { pipeline: start.pipeline });
      assertInput(deployed, start.input);
      const now = clock.now();
      const profile = await profileFor(actions, tenant.tenant.id, deployed, parent);
      const run = { ...childOf(deployed, { ...parent, ...profile }, start, now), depth };
      const admission = await admit(tenant, deployed, run, now);
      if ('refused' in admission) throw new TendrilError('RUN_NOT_STARTED', { pipeline: start.pipeline, code: admission.refused });
      return { runId: run.id, changes: [...admission.changes, ...startChanges(admission.run, now)] } satisfies PreparedChild;
    },
    stateOf: async (tenant, runId) => stateOf(tenant, runId),
    cancel: (tenant, runId) => cancelQuietly(cancel, tenant, runId),
  };
}

const checks = new WeakMap<object, FindProblems>();

function assertInput({ compiled }: Deployed, input: JsonObject): void {
  const schema = compiled.inputSchema;
  if (schema === undefined) return;
  const check = checks.get(schema) ?? compileSchema(schema);
  checks.set(schema, check);
  const problems = check(input);
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { pipeline: compiled.id, problems });
}

/** The caller has pinned a profile only when it reads one itself. */
async function profileFor(
  actions: ActionPath,
  tenantId: string,
  { compiled }: Deployed,
  { personId, profile, isTest }: RunRecord,
): Promise<Pick<RunRecord, 'profile'>> {
  if (!compiled.readsProfile || profile !== undefined || personId === undefined) return {};
  const found = (await readProfiles(actions, tenantId, [personId], isTest)).get(personId);
  return found === undefined ? {} : { profile: found };
}

/** The same run however often the caller is taken up again; each attempt has one of its own. */
function childOf(deployed: Deployed, parent: RunRecord, start: ChildStart, now: number): RunRecord {
  const { path, attempt, input, isDetached, pipeline } = start;
  const { personId, profile, eventId, event, position, hops, requestId, environment, isTest, lock, broadcastId } = parent;
  const known = { personId, profile, eventId, event, position, hops, requestId, environment, lock, broadcastId };
  try {
    return newRun(deployed, {
      id: newRunId(parent.startedAt, `${parent.id}\0${path}\0${String(attempt)}`),
      startedAt: now,
      isTest,
      input,
      ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as typeof known & object),
      ...(isDetached ? {} : { parent: { runId: parent.id, path }, heldSerialKeys: parent.serialKeys ?? [] }),
    } as Parameters<typeof newRun>[1]);
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'RUN_NOT_STARTED' && error.details['code'] === 'serial_held')
      throw new TendrilError('PIPELINE_DEADLOCK', { pipeline }, { cause: error });
    throw error;
  }
}

async function stateOf({ state }: OpenTenant, runId: string): Promise<ChildState> {
  const [row] = await state.get(RUNS, [runId]);
  const run = row?.value as unknown as RunRecord | undefined;
  if (run === undefined) return { kind: 'failed', error: keepError(new TendrilError('RUN_UNKNOWN', { runId })) };
  if (run.endedAt === undefined) return { kind: 'open' };
  if (run.state === 'succeeded' || run.state === 'stopped') return { kind: 'ended', output: run.output ?? {} };
  const cause = run.state === 'cancelled' ? keepError(new TendrilError('RUN_CANCELLED')) : (run.error ?? keepError(undefined));
  const { pipeline } = run;
  return {
    kind: 'failed',
    error: keepError(new TendrilError('RUN_FAILED', { pipeline, runId, code: cause.code, problem: cause.message })),
  };
}

async function cancelQuietly(cancel: CancelRun, tenant: OpenTenant, runId: string): Promise<void> {
  try {
    await cancel(tenant.tenant.id, runId, { mode: 'now', reason: 'The run that called it has ended.' });
  } catch (error) {
    if (!TendrilError.is(error) || (error.code !== 'RUN_ENDED' && error.code !== 'RUN_UNKNOWN')) throw error;
  }
}
