import type { Clock } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { JobHandler, JobWorker } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import { queryAll } from '../../tenants/index.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import { deployedKey } from '../deployed-records.ts';
import type { Deployments } from '../deployments.ts';
import type { DeployChanges } from '../pipeline-service.ts';
import { HELD_RUNS } from '../tables.ts';
import { jobIdOf } from './records.ts';
import type { RunRecord } from './records.ts';

const RELEASE_JOB = 'release';
const RELEASE_PRIORITY = 3;
/** How long an answer counts: so late at most a run notices that its pipeline holds it. */
const FRESH_MS = 1_000;

/** Knows which pipelines hold their runs, at the price of one cheap question a second for each tenant. */
export class HeldRuns {
  readonly #tenants: TenantOpener;
  readonly #deployments: Pick<Deployments, 'list'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly until: number; readonly keys: ReadonlySet<string> }>();

  constructor(options: { readonly tenants: TenantOpener; readonly deployments: Pick<Deployments, 'list'>; readonly clock: Clock }) {
    this.#tenants = options.tenants;
    this.#deployments = options.deployments;
    this.#clock = options.clock;
  }

  /** Whether the run stops before its next step; a promise when that has to be asked for. */
  isHeld(tenantId: string, run: RunRecord): boolean | Promise<boolean> {
    if (run.call !== undefined) return false;
    const known = this.#known.get(tenantId);
    const now = this.#clock.now();
    if (known !== undefined && now < known.until && known.until - now <= FRESH_MS) return known.keys.has(keyOf(run));
    return this.isHeldNow(tenantId, run);
  }

  /** As of now. */
  async isHeldNow(tenantId: string, run: RunRecord): Promise<boolean> {
    const until = this.#clock.now() + FRESH_MS;
    const deployed = await this.#deployments.list(tenantId);
    const holding = deployed.filter(({ record }) => record.isPaused && record.holdsRuns);
    const keys = new Set(holding.map(({ record }) => deployedKey(record.id, record.environment)));
    this.#known.set(tenantId, { until, keys });
    return keys.has(keyOf(run));
  }

  /** The change that lets the run be found when its pipeline goes on. */
  holdChange(run: RunRecord): Change {
    return { op: 'put', table: HELD_RUNS, value: { runId: run.id, pipeline: keyOf(run) } };
  }

  /** The change for a run that goes on or has ended. */
  releaseChange(run: RunRecord): Change {
    return { op: 'delete', table: HELD_RUNS, key: run.id };
  }

  /** Lets runs go on with the change that releases them: a process that dies behind it must not leave them where they are. */
  readonly deployChanges: DeployChanges = ({ id, environment, isPaused, holdsRuns }, compiled, { before }) => {
    const isHolding = compiled !== undefined && isPaused && holdsRuns;
    if (before?.holdsRuns !== true || isHolding) return [];
    const job = { id: `release:${deployedKey(id, environment)}`, kind: RELEASE_JOB, priority: RELEASE_PRIORITY, dueAt: this.#clock.now() };
    return [{ op: 'job', job: { ...job, payload: { pipeline: id, environment } } }];
  };

  register(worker: Pick<JobWorker, 'register'>): void {
    const handle: JobHandler = async ({ claim: { tenantId, id, fence, payload } }) => {
      const { pipeline, environment } = payload as unknown as { readonly pipeline: string; readonly environment: EnvironmentName };
      const { state } = await this.#tenants.open(tenantId);
      await this.wake(tenantId, pipeline, environment);
      await state.commit([{ op: 'finish', jobId: id, fence }]);
    };
    worker.register(RELEASE_JOB, handle, { concurrency: 2, attempts: Infinity });
  }

  /** Takes up the runs again that a pipeline has held. To be called after it goes on. @returns how many */
  readonly wake = async (tenantId: string, pipeline: string, environment: EnvironmentName): Promise<number> => {
    this.#known.delete(tenantId);
    const { state } = await this.#tenants.open(tenantId);
    const rows = await queryAll(state, HELD_RUNS, { index: 'by_pipeline', equals: { pipeline: deployedKey(pipeline, environment) } });
    for (const { key } of rows) await this.wakeOne(tenantId, key);
    return rows.length;
  };

  /** Takes up one of them. */
  async wakeOne(tenantId: string, runId: string): Promise<void> {
    const { state } = await this.#tenants.open(tenantId);
    await state.commit([
      { op: 'wake', jobId: jobIdOf(runId), dueAt: this.#clock.now() },
      { op: 'delete', table: HELD_RUNS, key: runId },
    ]);
  }
}

function keyOf({ pipeline, environment }: RunRecord): string {
  return deployedKey(pipeline, environment ?? 'production');
}
