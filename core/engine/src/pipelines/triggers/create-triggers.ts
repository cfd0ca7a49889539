import type { Clock, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { JobWorker } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import type { BroadcastService, PipelineInfo, PipelineService, WebhookReceiver, WebhookService } from '../contract.ts';
import type { DeployedRecord, Deployments } from '../deployments.ts';
import type { DeployChanges } from '../pipeline-service.ts';
import type { CancelRun } from '../runs/cancel-run.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import type { RunListeners } from '../runs/run-listeners.ts';
import type { RunStarter } from '../runs/start-run.ts';
import { BROADCAST_JOB, createBroadcastJob } from './broadcast-job.ts';
import { createBroadcastService } from './broadcasts.ts';
import { createPrepareStarts } from './prepare-starts.ts';
import { createSchedules, SCHEDULE_JOB } from './schedules.ts';
import { createStartByHand } from './start-by-hand.ts';
import { readTriggerRow, triggerKey } from './trigger-rows.ts';
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
}

/** Triggers that do not follow the log: by hand, at times, by webhooks, to many people. */
export interface Triggers {
  /** Behind `PipelineService.start`. */
  readonly start: (tenantId: string) => PipelineService['start'];
  /** What triggers add to the commit of a deployment. */
  readonly deployChanges: DeployChanges;
  /** What only triggers know of a deployed pipeline. */
  readonly triggerInfo: (tenantId: string, record: DeployedRecord) => Promise<Pick<PipelineInfo, 'webhookPath' | 'nextAt'>>;
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
  const addresses = new WebhookAddresses({ tenants, deployments, clock, random, needsAddress: ({ kind }) => kind === 'webhook' });
  return {
    start: createStartByHand({ tenants, deployments, prepare, starter, clock, random }),
    deployChanges: async (record, compiled, context) => {
      const parts: readonly (readonly Change[])[] = await Promise.all([
        schedules.deployChanges(record, compiled, context),
        addresses.deployChanges(record, compiled, context),
      ]);
      return parts.flat();
    },
    triggerInfo: async (tenantId, { id, environment, version }) => {
      const { state } = await tenants.open(tenantId);
      const { trigger } = await deployments.load(tenantId, id, version);
      if (trigger.kind === 'webhook') {
        const webhookPath = await addresses.pathOf(tenantId, id, environment);
        return webhookPath === undefined ? {} : { webhookPath };
      }
      if (trigger.kind !== 'schedule') return {};
      const { row } = await readTriggerRow(state, triggerKey(SCHEDULE_JOB, id, environment));
      return row?.nextAt === undefined || row.isGone ? {} : { nextAt: row.nextAt };
    },
    webhooks: createWebhookReceiver({ addresses, prepare, starter, listeners, clock, timers, random }),
    broadcasts: createBroadcastService({ tenants, deployments, actions, clock, random }),
    webhookService: (tenantId) => ({
      setSecret: (pipeline, secret, environment = 'production') => addresses.setSecret(tenantId, pipeline, environment, secret),
      rotate: async (pipeline, environment = 'production') => ({ webhookPath: await addresses.rotate(tenantId, pipeline, environment) }),
    }),
  };
}
