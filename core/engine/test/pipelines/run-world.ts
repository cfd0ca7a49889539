import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { hubEvent } from '../../src/events/index.ts';
import type { ConnectionInfo, Run } from '../../src/hub.ts';
import { createJobWorker } from '../../src/jobs/index.ts';
import type { JobWorker } from '../../src/jobs/index.ts';
import { createPipelines, PIPELINE_TABLES } from '../../src/pipelines/index.ts';
import type { FaultPoint, Pipelines } from '../../src/pipelines/index.ts';
import type { Random } from '../../src/environment.ts';
import type { ActionPath } from '../../src/actions/contract.ts';
import type { JobQueue, TenantState } from '../../src/ports.ts';
import type { OpenTenant, TenantOpener } from '../../src/tenants/index.ts';
import type { SourceHost } from '../../src/plugins/index.ts';
import { createTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { createFakeActions, OutsideWorld } from './fake-actions.ts';
import type { FakeAction } from './fake-actions.ts';

/** The tenant of these tests. */
export const TENANT = 'acme';
const LEASE_MS = 30_000;

/** Thrown at a fault point in place of a death of the process. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** One process over the stores. */
export interface Process {
  readonly pipelines: Pipelines;
  readonly worker: JobWorker;
}

/** Stores and the outside world, in which processes live and die. */
export interface RunWorld {
  readonly engine: TestEngine;
  readonly world: OutsideWorld;
  readonly tenant: OpenTenant;
  connections: ConnectionInfo[];
  /** Asked before each commit of a process: true for a store that cannot be written just now. */
  failCommits: () => boolean;
  /** Begins a process. One that crashes at a fault point is as dead as if it had been killed. */
  boot(
    fakes: Readonly<Record<string, FakeAction>>,
    options?: { readonly faultPoint?: FaultPoint; readonly random?: Random; readonly sourceHost?: SourceHost },
  ): Promise<Process>;
  /** Deploys and lets an event start it, as the consumer of the log would. @returns the run's id, if one was started */
  trigger(process: Process, event?: Partial<LoggedEvent>): Promise<readonly string[]>;
  run(process: Process, runId: string): Promise<Run>;
  /** Lets time pass until the run has ended or waits for a person. */
  settle(process: Process, runId: string, withinMs?: number): Promise<Run>;
}

/** @returns a world with one tenant */
export async function createRunWorld(): Promise<RunWorld> {
  const engine = await createTestEngine();
  await engine.stores.state.defineTables(PIPELINE_TABLES);
  await engine.tenants.admin.create({ id: TENANT, name: 'Acme' });
  const tenant = await engine.tenants.open(TENANT);
  const world = new OutsideWorld();
  let processes = 0;

  const self: RunWorld = {
    engine,
    world,
    tenant,
    connections: [],
    failCommits: () => false,
    boot: async (fakes, options = {}) => {
      processes += 1;
      const another = await createTestEngine(engine);
      await another.stores.state.defineTables(PIPELINE_TABLES);
      const random = options.random ?? engine.random;
      const life: Life = { isOver: false, isStoreAway: () => self.failCommits() };
      const tenants = mortalTenants(another.tenants, life);
      const fault: FaultPoint = (name) => {
        try {
          options.faultPoint?.(name);
        } catch (error) {
          life.isOver = true;
          throw error;
        }
      };
      const worker = createJobWorker({
        queue: mortalQueue(engine.stores.state.jobs, life),
        tenants,
        clock: engine.time,
        timers: engine.time,
        random,
        log: another.log,
        workerId: `w${String(processes)}`,
        leaseMs: LEASE_MS,
      });
      const pipelines = createPipelines({
        tenants,
        actions: mortalActions(createFakeActions(world, fakes), life),
        worker,
        connections: async () => self.connections,
        clock: engine.time,
        timers: engine.time,
        random,
        log: another.log,
        hubEvent,
        ...(options.sourceHost === undefined ? {} : { sourceHost: options.sourceHost }),
        faultPoint: fault,
      });
      worker.start();
      return { pipelines, worker };
    },
    trigger: async (process, event) => {
      const changes = await process.pipelines.triggerConsumer.handle(TENANT, [signup(engine, event)], new AbortController().signal);
      const result = await tenant.state.commit(changes);
      if (!result.ok) throw new Error(`not started: ${result.reason}`);
      return changes.flatMap((change) => (change.op === 'put' ? [change.value['id'] as string] : []));
    },
    run: async (process, runId) => {
      const run = await process.pipelines.runs(TENANT).get(runId);
      if (run === undefined) throw new Error('no such run');
      return run;
    },
    settle: async (process, runId, withinMs = 10 * 60_000) => {
      const isOpen = (state: Run['state']): boolean => state === 'running' || state === 'sleeping';
      const stepMs = Math.max(100, withinMs / 500);
      await engine.time.until(async () => !isOpen((await self.run(process, runId)).state), stepMs, 600);
      return self.run(process, runId);
    },
  };
  return self;
}

interface Life {
  isOver: boolean;
  readonly isStoreAway: () => boolean;
}

// What a dead process would still do does not reach the stores or the outside world.
const never = (): Promise<never> => new Promise<never>(() => undefined);

function mortalTenants(tenants: TenantOpener, life: Life): TenantOpener {
  return {
    ids: () => tenants.ids(),
    open: async (tenantId) => {
      const tenant = await tenants.open(tenantId);
      const commit: TenantState['commit'] = async (changes) => {
        if (life.isOver) return never();
        if (life.isStoreAway()) throw new TendrilError('STORE_UNAVAILABLE');
        return tenant.state.commit(changes);
      };
      return { ...tenant, state: { ...tenant.state, commit } };
    },
  };
}

function mortalQueue(queue: JobQueue, life: Life): JobQueue {
  return {
    ...queue,
    claimDue: (workerId, options) => (life.isOver ? never() : queue.claimDue(workerId, options)),
    renew: (claims, leaseMs) => (life.isOver ? never() : queue.renew(claims, leaseMs)),
  };
}

function mortalActions(actions: ActionPath, life: Life): ActionPath {
  return { ...actions, execute: (request) => (life.isOver ? never() : actions.execute(request)) };
}

let events = 0;

/** An event of a sign-up. */
export function signup(engine: TestEngine, event: Partial<LoggedEvent> = {}): LoggedEvent {
  events += 1;
  const at = engine.time.now();
  const properties: JsonObject = { plan: 'pro', age: 20 };
  return {
    id: `m${String(events)}`,
    position: events,
    kind: 'track',
    name: 'Signup Completed',
    appId: 'app_1',
    isTest: false,
    occurredAt: at,
    receivedAt: at,
    identities: { userId: 'u1' },
    properties,
    traits: {},
    context: {},
    isImported: false,
    hops: 0,
    profileId: 'p1',
    ...event,
  };
}
