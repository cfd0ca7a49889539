import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { JobQueue } from '@tendril/engine/ports';
import type { Listeners } from '../listeners.ts';
import { renewKnown } from '../renew-known.ts';
import type { TenantSessions } from '../tenant-sessions.ts';
import { claimDueJobs } from '../work/claim-jobs.ts';
import { countJobs } from '../work/job-counts.ts';
import { deadJobs, gateStatuses, nextDueAt, renewClaims } from '../work/job-queue.ts';
import type { StateTenant } from '../work/state-scope.ts';
import type { StateSql } from '../work/state-sql.ts';
import { ask } from '../work/step.ts';
import { buffered } from './buffered-transaction.ts';
import type { MysqlDatabase } from './mysql-database.ts';

const SWEEP_EVERY_MS = 60_000;

/** What the queue shares with the rest of the state. */
export interface MysqlQueueParts {
  readonly database: MysqlDatabase;
  readonly sql: StateSql;
  readonly tenants: ReadonlyMap<number, StateTenant>;
  readonly sessions: TenantSessions;
  readonly madeDue: Listeners<[dueAt: number]>;
  readonly clock: Clock;
}

/** The queue on a server that speaks MySQL's protocol. */
export function createMysqlJobQueue({ database, sql, tenants, sessions, madeDue, clock }: MysqlQueueParts): JobQueue {
  let lastTenantNo = 0;
  let sweptAt = 0;

  async function sweep(now: number): Promise<void> {
    if (now - sweptAt <= SWEEP_EVERY_MS) return;
    sweptAt = now;
    await database.transaction((connection) => connection.run(ask(sql.sweepCounters, now)));
    await database.transaction((connection) => connection.run(ask(sql.sweepGates, now)));
  }

  return {
    claimDue: async (workerId, { limit, leaseMs, kinds = [] }) => {
      const now = clock.now();
      await sweep(now);
      const claimed = await buffered(database, sql, (buffer) =>
        buffer.run(claimDueJobs(sql, { workerId, limit, leaseMs, kinds, now, tenants, lastTenantNo })),
      );
      lastTenantNo = claimed.lastTenantNo;
      if (claimed.dueAt !== undefined) madeDue.notify(claimed.dueAt);
      return claimed.claims.map((claim) => ({ ...claim, payload: JSON.parse(claim.payload) as JsonObject }));
    },
    renew: (claims, leaseMs) =>
      renewKnown(sessions, claims, (held) =>
        buffered(database, sql, (buffer) => buffer.run(renewClaims(sql, held, clock.now() + leaseMs))),
      ),
    nextDueAt: () => database.read(nextDueAt(sql)),
    onDue: (listener) => madeDue.add(listener),
    counts: () => database.read(countJobs(sql)),
    gates: async (tenantId, gates) => {
      const session = sessions.find(tenantId);
      const tenant = session === undefined ? undefined : tenants.get(await session.ready());
      if (tenant === undefined) return gates.map(() => ({ held: 0, waiting: 0 }));
      return await database.read(gateStatuses(sql, tenant, gates));
    },
    dead: async (tenantId, limit) => {
      const session = sessions.find(tenantId);
      const tenant = session === undefined ? undefined : tenants.get(await session.ready());
      if (tenant === undefined) return [];
      const jobs = await database.read(deadJobs(sql, tenant, limit));
      return jobs.map((job) => ({ ...job, error: JSON.parse(job.error) as JsonObject }));
    },
  };
}
