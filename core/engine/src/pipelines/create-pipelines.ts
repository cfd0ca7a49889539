import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import type { ActionDescription, ActionPath } from '../actions/contract.ts';
import { systemRandom, systemTimers } from '../environment.ts';
import type { Random, Timers } from '../environment.ts';
import type { EnvironmentName } from '../environments.ts';
import type { ConsumerDefinition, HubEventInput, ResolvePeople } from '../events/index.ts';
import type { ConnectionInfo, Metric, PipelineService, RunService } from '../hub.ts';
import type { JobWorker } from '../jobs/contract.ts';
import type { NewEvent, TableSpec } from '../ports.ts';
import type { SourceDescription, SourceHost } from '../plugins/index.ts';
import type { TenantOpener } from '../tenants/contract.ts';
import type { CheckEnvironment } from './check/check-pipeline.ts';
import { Deployments } from './deployments.ts';
import { createBackfills } from './ask/backfills.ts';
import type { Backfills } from './ask/backfills.ts';
import { createPruning } from './history/pruning.ts';
import type { ExpiringTable, Pruning } from './history/pruning.ts';
import { createRetentionOf, EXPIRING } from './history/retention.ts';
import { createPipelineService } from './pipeline-service.ts';
import { createCallAction } from './runs/call-action.ts';
import type { CallAction } from './runs/call-action.ts';
import { createCancelRun } from './runs/cancel-run.ts';
import { createChildRuns } from './runs/create-child-runs.ts';
import type { FaultPoint } from './runs/fault-points.ts';
import { HeldRuns } from './runs/held-runs.ts';
import { RUN_JOB, RunExecutor } from './runs/run-executor.ts';
import { createReplay } from './runs/replay.ts';
import { RunListeners } from './runs/run-listeners.ts';
import { createRunService } from './runs/run-service.ts';
import { createRunStarter } from './runs/start-run.ts';
import type { RunStarter } from './runs/start-run.ts';
import { createWakeBlocked } from './runs/wake-blocked.ts';
import type { WakeBlocked } from './runs/wake-blocked.ts';
import { giveBack } from './starts/admission.ts';
import { PENDING_JOB } from './starts/gathering.ts';
import { createPendingJob } from './starts/pending-job.ts';
import { StartCounts } from './starts/start-counts.ts';
import { PIPELINE_TABLES } from './tables.ts';
import { createPrepareStarts } from './triggers/prepare-starts.ts';
import { countEnd } from './triggers/broadcast-record.ts';
import { TRIGGER_EXPIRING } from './triggers/expiring.ts';
import { createTriggers } from './triggers/create-triggers.ts';
import type { Triggers } from './triggers/create-triggers.ts';
import { createTriggerConsumer } from './trigger-consumer.ts';
import { createWaitMatcher } from './waits/match.ts';
import { removeWait } from './waits/leftovers.ts';

/** What the room needs of the others. */
export interface PipelinesOptions {
  readonly tenants: TenantOpener;
  readonly actions: ActionPath;
  /** Gets a handler for runs; the caller starts it. */
  readonly worker: JobWorker;
  readonly connections: (tenantId: string) => Promise<readonly ConnectionInfo[]>;
  /** Puts what is known of an account into the description of an action; without it only what the manifest says counts. */
  readonly withDynamicFields?: (tenantId: string, action: ActionDescription, connection: string | undefined) => Promise<ActionDescription>;
  /** Schema of an event's properties, or of the whole call with `properties` in it; for type checks. */
  readonly eventSchema?: (tenantId: string, name: string) => Promise<JsonObject | undefined>;
  /** Triggers of the loaded plugins; they are not judged without it. */
  readonly sources?: () => readonly SourceDescription[];
  /** Runs triggers of plugins. */
  readonly sourceHost?: SourceHost;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hubEvent: (input: HubEventInput) => NewEvent;
  readonly timers?: Timers;
  readonly random?: Random;
  /** How many runs execute at once in this process; 200 unless told. Sleeping ones do not count. */
  readonly concurrency?: number;
  readonly faultPoint?: FaultPoint;
  /** The lock under which this process runs. */
  readonly lock?: () => string;
  /** Finds out who past events are about; nobody is known without it. */
  readonly resolvePeople?: ResolvePeople;
  /** Rows of other rooms that are pruned here too. */
  readonly expiring?: readonly ExpiringTable[];
}

/** The room, wired. */
export interface Pipelines {
  /** Starts runs for events. */
  readonly triggerConsumer: ConsumerDefinition;
  service(tenantId: string): PipelineService;
  runs(tenantId: string): RunService;
  /** Behind `ActionService.call`. */
  readonly callAction: CallAction;
  /** To be called when a connection's values were replaced. */
  readonly wakeBlocked: WakeBlocked;
  /** Starts a run in a commit of its own. */
  readonly starter: RunStarter;
  /** Runs by webhooks, sources and broadcasts. */
  readonly triggers: Triggers;
  readonly deployments: Deployments;
  readonly backfills: Backfills;
  /** What a pipeline of the tenant is checked against. */
  checkEnvironment(tenantId: string, environment: EnvironmentName): CheckEnvironment;
  /** Makes sure that what is older than it has to be kept is deleted. */
  readonly pruning: Pick<Pruning, 'ensure'>;
  /** To be defined in the state store before use. */
  readonly tables: readonly TableSpec[];
  metrics(): readonly Metric[];
}

const DEFAULT_CONCURRENCY = 200;
const PENDING_CONCURRENCY = 20;
const JOB_ATTEMPTS = 1_000_000;

/** Wires the room and registers its handler at the worker. */
export function createPipelines(options: PipelinesOptions): Pipelines {
  const { tenants, actions, worker, clock, log } = options;
  const timers = options.timers ?? systemTimers;
  const random = options.random ?? systemRandom;
  const fault: FaultPoint = options.faultPoint ?? (() => undefined);
  const deployments = new Deployments(tenants, log, options.lock);
  const listeners = new RunListeners();
  const wakeBlocked = createWakeBlocked({ tenants, listeners, clock });
  const cancelRun = createCancelRun({ tenants, worker, clock });
  const held = new HeldRuns({ tenants, deployments, clock });
  held.register(worker);
  const executor = new RunExecutor({
    tenants,
    children: createChildRuns({ deployments, actions, clock, cancel: cancelRun }),
    cancelChanges: removeWait,
    // One that has been put away must not go by what was known before.
    isHeld: (tenantId, run) => (run.isHeld === true ? held.isHeldNow(tenantId, run) : held.isHeld(tenantId, run)),
    holdChange: (run) => held.holdChange(run),
    releaseChange: (run) => held.releaseChange(run),
    wakeIfFree: async (tenantId, run) => {
      if (!(await held.isHeldNow(tenantId, run))) await held.wakeOne(tenantId, run.id);
    },
    actions,
    clock,
    timers,
    random,
    log,
    hubEvent: options.hubEvent,
    fault,
    load: deployments.load,
    wakeIfReconnected: async (tenantId, blockedOn, since) => {
      for (const { name, plugin, state, createdAt, testedAt = 0 } of await options.connections(tenantId)) {
        const isWanted = blockedOn.includes(`connection:${name}`) || blockedOn.includes(`plugin:${plugin}`);
        if (isWanted && state !== 'needs_login' && Math.max(createdAt, testedAt) > since) await wakeBlocked(tenantId, { plugin, name });
      }
    },
    endings: [giveBack, countEnd],
    changed: listeners.changed,
  });
  // A run is never buried: it ends as failed, needs review, or is tried again when the store is back.
  worker.register(RUN_JOB, executor.handle, {
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    attempts: JOB_ATTEMPTS,
    onDeaths: executor.giveUp,
  });
  const starter = createRunStarter({ worker, executor, clock, fault, changed: listeners.changed });
  const counts = new StartCounts(log);
  const waits = createWaitMatcher({
    tenants,
    awaitedEvents: (tenantId) => deployments.awaitedEvents(tenantId),
    actions,
    clock,
    log,
    fault,
  });
  const triggerConsumer = createTriggerConsumer({ tenants, deployments, actions, clock, fault, counts, waits });
  const pendingJob = createPendingJob({ tenants, deployments, actions, clock, counts, fault });
  // Nobody would ever start what a buried job was to start.
  worker.register(PENDING_JOB, pendingJob, { concurrency: PENDING_CONCURRENCY, attempts: Infinity, role: 'scheduler' });
  const others = createTriggers({
    tenants,
    deployments,
    actions,
    starter,
    listeners,
    cancelRun,
    worker,
    clock,
    timers,
    random,
    log,
    fault,
    sourceHost: options.sourceHost,
  });
  const replay = createReplay({ tenants, deployments, listeners, clock, random });
  const backfills = createBackfills({
    tenants,
    deployments,
    prepare: createPrepareStarts({ actions, clock, log }),
    resolvePeople: options.resolvePeople ?? (async (_tenantId, events) => events.map(() => undefined)),
    clock,
    random,
    fault,
  });
  backfills.register(worker);
  const pruning = createPruning({
    tenants,
    clock,
    fault,
    retentionOf: createRetentionOf(deployments),
    expiring: [...EXPIRING, ...TRIGGER_EXPIRING, ...(options.expiring ?? [])],
  });
  pruning.register(worker);
  const findAction: (tenantId: string, name: string, connection?: string) => ReturnType<typeof actions.find> = async (
    tenantId,
    name,
    connection,
  ) => {
    const found = await actions.find(tenantId, name);
    if (found === undefined || connection === undefined || !name.includes('@')) return found;
    // Another plugin that provides the capability may be the one whose connection the step names.
    const account = (await options.connections(tenantId)).find((candidate) => candidate.name === connection);
    return actions.list().find((action) => action.implements === name && action.plugin === account?.plugin) ?? found;
  };
  const environment = (tenantId: string, environmentName: EnvironmentName): CheckEnvironment => ({
    findAction: async (name, connection) => {
      const found = await findAction(tenantId, name, connection);
      return found === undefined ? undefined : (options.withDynamicFields?.(tenantId, found, connection) ?? found);
    },
    actionNames: () => actions.list().map(({ name }) => name),
    connections: () => options.connections(tenantId),
    eventSchema: async (name) => options.eventSchema?.(tenantId, name),
    ...(options.sources === undefined ? {} : { sources: options.sources }),
    pipeline: (id) => deployments.definition(tenantId, id, environmentName),
    pipelineNames: async () => (await deployments.list(tenantId)).map(({ record }) => record.id),
  });
  return {
    triggerConsumer,
    service: (tenantId) =>
      createPipelineService(tenantId, {
        tenants,
        clock,
        environment,
        load: deployments.load,
        start: others.start,
        deployChanges: async (record, compiled, context) => [
          ...(await others.deployChanges(record, compiled, context)),
          ...(await held.deployChanges(record, compiled, context)),
        ],
        triggerInfo: others.triggerInfo,
        released: held.wake,
      }),
    runs: (tenantId) => createRunService(tenantId, { tenants, actions, listeners, replay, clock, cancel: cancelRun }),
    callAction: createCallAction({ tenants, actions, starter, listeners, clock, timers, random }),
    wakeBlocked: async (tenantId, connection) => {
      await others.wakeSources(tenantId, connection);
      return wakeBlocked(tenantId, connection);
    },
    starter,
    triggers: others,
    deployments,
    backfills,
    checkEnvironment: environment,
    pruning,
    tables: PIPELINE_TABLES,
    metrics: () => [...counts.metrics(), ...waits.metrics()],
  };
}
