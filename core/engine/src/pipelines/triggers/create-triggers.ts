import type { Clock, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random } from '../../environment.ts';
import type { JobWorker } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import type { PipelineInfo, PipelineService } from '../contract.ts';
import type { DeployedRecord, Deployments } from '../deployments.ts';
import type { DeployChanges } from '../pipeline-service.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import type { RunStarter } from '../runs/start-run.ts';
import { createPrepareStarts } from './prepare-starts.ts';
import { createSchedules, SCHEDULE_JOB } from './schedules.ts';
import { createStartByHand } from './start-by-hand.ts';
import { readTriggerRow, triggerKey } from './trigger-rows.ts';

/** What triggers that do not follow the log need. */
export interface TriggersOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly actions: ActionPath;
  readonly starter: RunStarter;
  readonly worker: JobWorker;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly fault: FaultPoint;
}

/** Triggers that do not follow the log: by hand, at times. */
export interface Triggers {
  /** Behind `PipelineService.start`. */
  readonly start: (tenantId: string) => PipelineService['start'];
  /** What triggers add to the commit of a deployment. */
  readonly deployChanges: DeployChanges;
  /** What only triggers know of a deployed pipeline. */
  readonly triggerInfo: (tenantId: string, record: DeployedRecord) => Promise<Pick<PipelineInfo, 'webhookPath' | 'nextAt'>>;
}

/** Wires the triggers and registers their jobs at the worker. */
export function createTriggers(options: TriggersOptions): Triggers {
  const { tenants, deployments, actions, starter, worker, clock, random, log, fault } = options;
  const prepare = createPrepareStarts({ actions, clock, log });
  const schedules = createSchedules({ tenants, deployments, prepare, clock, fault });
  schedules.register(worker);
  return {
    start: createStartByHand({ tenants, deployments, prepare, starter, clock, random }),
    deployChanges: async (record, compiled, context) => {
      const parts: readonly (readonly Change[])[] = await Promise.all([schedules.deployChanges(record, compiled, context)]);
      return parts.flat();
    },
    triggerInfo: async (tenantId, { id, environment }) => {
      const { state } = await tenants.open(tenantId);
      const { row } = await readTriggerRow(state, triggerKey(SCHEDULE_JOB, id, environment));
      return row?.nextAt === undefined || row.isGone ? {} : { nextAt: row.nextAt };
    },
  };
}
