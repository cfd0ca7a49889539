import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { JobHandler, Lease } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import type { RunRecord } from '../runs/records.ts';
import { startChanges } from '../runs/start-run.ts';
import { RUNS } from '../tables.ts';
import { admit } from './admission.ts';
import { readEvents, runOfGathered } from './gathering.ts';
import type { GatheredEvent, PendingRecord } from './gathering.ts';
import { readProfiles } from './profiles.ts';
import { refusalChange } from './refusals.ts';
import type { RefusalCode } from './refusals.ts';
import type { StartCounts } from './start-counts.ts';
import { PENDING } from './tables.ts';

/** What starting what has been gathered needs. */
export interface PendingJobOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Pick<Deployments, 'chosen'>;
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly counts: StartCounts;
  readonly fault: FaultPoint;
}

const ATTEMPTS = 20;

/** @returns the handler of jobs of kind `pending`: starts the run by the version in force when it is due, in one commit */
export function createPendingJob(options: PendingJobOptions): JobHandler {
  return async (lease) => {
    const tenant = await options.tenants.open(lease.claim.tenantId);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      lease.signal.throwIfAborted();
      const { changes, settled } = await new DueStart(tenant, lease, options).changes();
      options.fault('pending.before-commit');
      const result = await tenant.state.commit(changes);
      if (result.ok) {
        settled();
        options.fault('pending.after-commit');
        return;
      }
      if (result.reason === 'fence') throw new TendrilError('LEASE_LOST', { jobId: lease.claim.id });
    }
    throw new TendrilError('CONFLICT', { jobId: lease.claim.id });
  };
}

interface Outcome {
  readonly changes: readonly Change[];
  /** To be called when they are on disk. */
  readonly settled: () => void;
}

const nothing = (): void => undefined;

class DueStart {
  readonly #tenant: OpenTenant;
  readonly #lease: Lease;
  readonly #options: PendingJobOptions;
  readonly #now: number;

  constructor(tenant: OpenTenant, lease: Lease, options: PendingJobOptions) {
    this.#tenant = tenant;
    this.#lease = lease;
    this.#options = options;
    this.#now = options.clock.now();
  }

  async changes(): Promise<Outcome> {
    const { id: jobId, fence, payload } = this.#lease.claim;
    const finish: Change = { op: 'finish', jobId, fence };
    const [row] = await this.#tenant.state.get(PENDING, [payload['id'] as string]);
    if (row === undefined) return { changes: [finish], settled: nothing };
    const record = row.value as unknown as PendingRecord;
    if (record.dueAt > this.#now)
      return { changes: [{ op: 'reschedule', jobId, fence, dueAt: record.dueAt, attempts: 0 }], settled: nothing };
    const { events, forget } = await this.#gathered(record);
    const { changes, settled } = await this.#start(record, events);
    const forgetRow: Change = { op: 'delete', table: PENDING, key: record.id, expect: row.version };
    return { changes: [finish, forgetRow, ...forget, ...changes], settled };
  }

  async #gathered(record: PendingRecord): ReturnType<typeof readEvents> {
    if (record.kind === 'batch') return readEvents(this.#tenant.state, record);
    return { events: record.last === undefined ? [] : [record.last], forget: [] };
  }

  async #start(record: PendingRecord, events: readonly GatheredEvent[]): Promise<Outcome> {
    if (events.length === 0) return { changes: [], settled: nothing };
    const deployed = await this.#inForce(record);
    if (deployed === undefined) return this.#drop(record, events, 'undeployed');
    if (deployed.record.isPaused) return this.#drop(record, events, 'paused');
    const [existing] = await this.#tenant.state.get(RUNS, [record.runId]);
    if (existing !== undefined) return { changes: [], settled: nothing };
    try {
      const run = runOfGathered(deployed, record, events, { now: this.#now, profile: await this.#profile(deployed, record, events) });
      return await this.#admit(deployed, run, record, events);
    } catch (error) {
      if (TendrilError.is(error) && error.code === 'RUN_NOT_STARTED') return this.#drop(record, events, 'key_failed');
      throw error;
    }
  }

  async #admit(deployed: Deployed, run: RunRecord, record: PendingRecord, events: readonly GatheredEvent[]): Promise<Outcome> {
    const admission = await admit(this.#tenant, deployed, run, this.#now);
    if ('refused' in admission) return this.#drop(record, events, admission.refused);
    return {
      changes: [...admission.changes, ...startChanges(admission.run, this.#now)],
      settled: () => {
        this.#options.counts.started(this.#tenant.tenant.id, run.pipeline);
      },
    };
  }

  /** As when the trigger was matched: a pipeline that an environment does not have is taken from production. */
  async #inForce({ pipeline, environment }: PendingRecord): Promise<Deployed | undefined> {
    const { deployments } = this.#options;
    const tenantId = this.#tenant.tenant.id;
    return deployments.chosen(tenantId, pipeline, environment);
  }

  async #profile(deployed: Deployed, { isTest }: PendingRecord, events: readonly GatheredEvent[]): Promise<JsonObject | undefined> {
    if (!deployed.compiled.readsProfile) return undefined;
    const { personId } = events.reduce((last, event) => (event.position > last.position ? event : last));
    if (personId === undefined) return undefined;
    const profiles = await readProfiles(this.#options.actions, this.#tenant.tenant.id, [personId], isTest);
    return profiles.get(personId);
  }

  #drop({ pipeline }: PendingRecord, events: readonly GatheredEvent[], code: RefusalCode): Outcome {
    const refusals = events.map(({ event }) => refusalChange({ pipeline, eventId: event.id, code, at: this.#now }));
    return {
      changes: refusals,
      settled: () => {
        for (const _ of events) this.#options.counts.refused(this.#tenant.tenant.id, pipeline, code);
      },
    };
  }
}
