import type { Lease } from '../../jobs/contract.ts';
import type { Change, CommitResult } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { CompiledPipeline, CompiledStep } from '../compiled.ts';
import { jobIdOf } from './records.ts';
import type { RunRecord } from './records.ts';

/** What became of a run that was to begin and end in one commit. */
export type AtOnce =
  | 'ended'
  /** A change did not hold: nothing of it is on disk. */
  | 'refused'
  /** It did not get to its end: nothing of it is on disk, and it has to be started as others are. */
  | 'not_at_once';

const known = new WeakMap<CompiledPipeline, boolean>();
const NEVER_ABORTED = new AbortController().signal;

/** Whether runs of a pipeline only compute: they touch nothing, wait for nothing, and are done as soon as they have begun. */
export function onlyComputes(compiled: CompiledPipeline): boolean {
  const found = known.get(compiled) ?? (compiled.steps.every(isComputation) && compiled.onError.every(isComputation));
  known.set(compiled, found);
  return found;
}

function isComputation(step: CompiledStep): boolean {
  const handlers = [step.onTimeout ?? [], step.compensate ?? [], ...(step.onError?.values() ?? [])].flat();
  if (step.retry !== undefined || !handlers.every(isComputation)) return false;
  switch (step.kind) {
    case 'set':
    case 'stop':
    case 'fail':
      return true;
    case 'if':
      return [...step.then, ...step.else].every(isComputation);
    case 'switch':
      return [...step.default, ...[...step.cases.values()].flat()].every(isComputation);
    default:
      return false;
  }
}

/** A tenant and a lease under which a run that is on no disk yet can be executed: its only commit carries its beginning too. */
export interface OneCommit {
  readonly tenant: OpenTenant;
  readonly lease: Lease;
  result(): AtOnce;
}

/** @param extra committed with the run */
export function oneCommit(tenant: OpenTenant, run: RunRecord, extra: readonly Change[]): OneCommit {
  let result: AtOnce = 'not_at_once';
  // The first change shows the fence of the run's job. There is no job: it is over before anybody could claim it.
  const commit = async ([guard, ...changes]: readonly Change[]): Promise<CommitResult> => {
    const refused = { ok: false, failed: 0, reason: 'fence' } as const;
    if (guard?.op !== 'finish') return refused;
    const committed = await tenant.state.commit([...extra, ...changes]);
    result = committed.ok ? 'ended' : 'refused';
    return committed.ok ? committed : refused;
  };
  const claim = {
    tenantId: tenant.tenant.id,
    id: jobIdOf(run.id),
    kind: 'run',
    priority: 5,
    attempts: 0,
    payload: { runId: run.id },
    fence: 1,
    leaseUntil: Infinity,
  };
  return {
    tenant: { ...tenant, state: { ...tenant.state, commit } },
    lease: { claim, signal: NEVER_ABORTED, onNudge: () => () => undefined },
    result: () => result,
  };
}
