import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { JobWorker } from '../../jobs/contract.ts';
import type { SourceHost } from '../../plugins/index.ts';
import type { Change } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import type { BroadcastService, PipelineInfo, PipelineService, WebhookReceiver, WebhookService } from '../contract.ts';
import type { DeployedRecord, Deployments } from '../deployments.ts';
import { mask } from '../history/mask.ts';
import type { DeployChanges } from '../pipeline-service.ts';
import type { CancelRun } from '../runs/cancel-run.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import type { RunListeners } from '../runs/run-listeners.ts';
import type { RunStarter } from '../runs/start-run.ts';
import { BROADCAST_JOB, createBroadcastJob } from './broadcast-job.ts';
import { createBroadcastService } from './broadcasts.ts';
import { createPrepareStarts } from './prepare-starts.ts';
import { createReceivePush } from './pushes.ts';
import { createSchedules, SCHEDULE_JOB } from './schedules.ts';
import { createItemStarts } from './source-items.ts';
import { createSources, SOURCE_JOB } from './sources.ts';
import { createStartByHand } from './start-by-hand.ts';
import { readTriggerRow, triggerKey } from './trigger-rows.ts';
import type { SourceRow } from './trigger-rows.ts';
import { WebhookAddresses } from './webhook-addresses.ts';
import { createWebhookReceiver } from './webhooks.ts';

/** What triggers that do not follow the log need. */
export interface TriggersOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly actions: ActionPath;
  readonly starter: RunStarter;
  readonly listeners: RunListeners;
  readonly cancelRun: CancelRun;
  readonly worker: JobWorker;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly fault: FaultPoint;
  /** Triggers of plugins; none without it. */
  readonly sourceHost: SourceHost | undefined;
}

/** Triggers that do not follow the log: by hand, at times, by webhooks and sources of plugins, to many people. */
export interface Triggers {
  /** Behind `PipelineService.start`. */
  readonly start: (tenantId: string) => PipelineService['start'];
  /** What triggers add to the commit of a deployment. */
  readonly deployChanges: DeployChanges;
  /** What only triggers know of a deployed pipeline. */
  readonly triggerInfo: (
    tenantId: string,
    record: DeployedRecord,
  ) => Promise<Pick<PipelineInfo, 'webhookPath' | 'nextAt' | 'triggerError'>>;
  /** To be called when a connection's values were replaced. */
  readonly wakeSources: (tenantId: string, connection: { readonly plugin: string; readonly name: string }) => Promise<void>;
  readonly webhooks: WebhookReceiver;
  readonly broadcasts: (tenantId: string) => BroadcastService;
  readonly webhookService: (tenantId: string) => WebhookService;
}

const BROADCASTS_AT_ONCE = 4;

/** Wires the triggers and registers their jobs at the worker. */
export function createTriggers(options: TriggersOptions): Triggers {
  const { tenants, deployments, actions, starter, listeners, cancelRun, worker, clock, timers, random, log, fault } = options;
  const prepare = createPrepareStarts({ actions, clock, log });
  const schedules = createSchedules({ tenants, deployments, prepare, clock, fault });
  schedules.register(worker);
  const broadcastJob = createBroadcastJob({ tenants, deployments, actions, prepare, cancelRun, clock, fault });
  worker.register(BROADCAST_JOB, broadcastJob, { concurrency: BROADCASTS_AT_ONCE, attempts: Infinity, role: 'scheduler' });
  const { sourceHost } = options;
  const itemStarts = createItemStarts({ prepare, clock, random });
  const sources = sourceHost && createSources({ tenants, deployments, host: sourceHost, itemStarts, clock, random, fault });
  sources?.register(worker);
  const addresses = new WebhookAddresses({
    tenants,
    deployments,
    clock,
    random,
    needsAddress: ({ kind, definition }) =>
      kind === 'webhook' || (kind === 'source' && sourceHost?.find(definition.source ?? '')?.trigger.kind === 'push'),
  });
  const push = sourceHost && createReceivePush({ host: sourceHost, itemStarts, clock, random });
  return {
    start: createStartByHand({ tenants, deployments, prepare, starter, clock, random }),
    deployChanges: async (record, compiled, context) => {
      const parts: readonly (readonly Change[])[] = await Promise.all([
        schedules.deployChanges(record, compiled, context),
        addresses.deployChanges(record, compiled, context),
        sources?.deployChanges(record, compiled, context) ?? [],
      ]);
      return parts.flat();
    },
    triggerInfo: async (tenantId, { id, environment, version }) => {
      const { state } = await tenants.open(tenantId);
      const { trigger } = await deployments.load(tenantId, id, version);
      if (trigger.kind === 'webhook' || trigger.kind === 'source') {
        const webhookPath = await addresses.pathOf(tenantId, id, environment);
        if (webhookPath !== undefined) return { webhookPath };
      }
      if (trigger.kind !== 'schedule' && trigger.kind !== 'source') return {};
      const kind = trigger.kind === 'schedule' ? SCHEDULE_JOB : SOURCE_JOB;
      const { row } = await readTriggerRow<SourceRow>(state, triggerKey(kind, id, environment));
      if (row === undefined || row.isGone) return {};
      const { nextAt, error } = row;
      return {
        ...(nextAt !== undefined && { nextAt }),
        ...(error !== undefined && { triggerError: mask(error, undefined, { unmasked: false }) as JsonObject }),
      };
    },
    wakeSources: async (tenantId, connection) => sources?.wake(tenantId, connection),
    webhooks: createWebhookReceiver({ addresses, prepare, starter, push, listeners, clock, timers, random }),
    broadcasts: createBroadcastService({ tenants, deployments, actions, clock, random }),
    webhookService: (tenantId) => ({
      setSecret: (pipeline, secret, environment = 'production') => addresses.setSecret(tenantId, pipeline, environment, secret),
      rotate: async (pipeline, environment = 'production') => ({ webhookPath: await addresses.rotate(tenantId, pipeline, environment) }),
    }),
  };
}
