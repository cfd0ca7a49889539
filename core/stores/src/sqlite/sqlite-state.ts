import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { CommitResult, JobQueue, NewEvent, StateStore, TenantState } from '@tendril/engine/ports';
import { Listeners } from '../listeners.ts';
import { PendingCalls } from '../pending-calls.ts';
import { toRow } from '../rows.ts';
import { renewKnown } from '../renew-known.ts';
import { TenantSessions } from '../tenant-sessions.ts';
import type { TenantSession } from '../tenant-sessions.ts';
import { ChangePacker } from '../work/packed-changes.ts';
import type { StateReader } from './state-reader.ts';
import type { StateWriter } from './state-writer.ts';
import { WorkerClient } from './worker-client.ts';
import type { WorkerSettings } from './worker-messages.ts';

const DONE: CommitResult = { ok: true };

/** The state in an SQLite file, written by one thread and read by another. */
export async function openSqliteState(settings: WorkerSettings, clock: Clock): Promise<StateStore> {
  const writer = await WorkerClient.start<StateWriter>('state-writer', settings);
  const reader = await WorkerClient.start<StateReader>('state-reader', settings);
  const emitted = new Listeners<[]>();
  const madeDue = new Listeners<[dueAt: number]>();
  const pending = new PendingCalls();
  const packer = new ChangePacker();
  const sessions = new TenantSessions(async (session, keys) => {
    const tenantNo = await writer.call('register', session, keys, clock.now());
    await reader.call('register', session, tenantNo, keys);
    return tenantNo;
  });

  function tenantState({ session, ready }: TenantSession): TenantState {
    return {
      get: async (table, keys) => {
        await ready();
        const rows = await reader.call('get', session, table.name, keys);
        return rows.map((row) => (row === undefined ? undefined : toRow(table, row)));
      },
      query: async (table, query) => {
        await ready();
        const { items, ...page } = await reader.call('query', session, table.name, query);
        return { items: items.map((row) => toRow(table, row)), ...page };
      },
      aggregate: async (table, query) => (await ready(), reader.call('aggregate', session, table.name, query)),
      counters: async (names) => (await ready(), reader.call('counters', session, names, clock.now())),
      commit: (changes) =>
        pending.run(async () => {
          await ready();
          const { head, texts } = packer.pack(changes);
          const written = await writer.call('commit', session, head, texts, clock.now());
          if (typeof written === 'object') return written.result;
          if (typeof written === 'number') madeDue.notify(written);
          if (changes.some(({ op }) => op === 'emit')) emitted.notify();
          return DONE;
        }),
    };
  }

  return {
    defineTables: async (specs) => {
      packer.define(specs);
      const definitions = await writer.call('define', specs, clock.now());
      await reader.call('define', definitions);
    },
    tenant: (keys) => tenantState(sessions.of(keys)),
    jobs: createJobQueue(writer, reader, sessions, madeDue, clock),
    outbox: {
      take: async (limit) =>
        (await reader.call('takeOutbox', limit)).map((item) => ({ ...item, event: JSON.parse(item.event) as NewEvent })),
      remove: (ids) => writer.call('removeOutbox', ids),
      onEmit: (listener) => emitted.add(listener),
    },
    status: () => ({ waitingCommits: pending.count }),
    backup: (path) => writer.call('backup', path),
    close: async () => {
      await pending.ended();
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}

function createJobQueue(
  writer: WorkerClient<StateWriter>,
  reader: WorkerClient<StateReader>,
  sessions: TenantSessions,
  madeDue: Listeners<[dueAt: number]>,
  clock: Clock,
): JobQueue {
  return {
    claimDue: async (workerId, { limit, leaseMs, kinds = [] }) => {
      const { claims, dueAt } = await writer.call('claim', workerId, limit, leaseMs, kinds, clock.now());
      if (dueAt !== undefined) madeDue.notify(dueAt);
      return claims.map((claim) => ({ ...claim, payload: JSON.parse(claim.payload) as JsonObject }));
    },
    renew: (claims, leaseMs) => renewKnown(sessions, claims, (held) => writer.call('renew', held, clock.now() + leaseMs)),
    nextDueAt: () => reader.call('nextDueAt'),
    onDue: (listener) => madeDue.add(listener),
    counts: () => reader.call('countJobs'),
    gates: async (tenantId, gates) => {
      const session = sessions.find(tenantId);
      if (session === undefined) return gates.map(() => ({ held: 0, waiting: 0 }));
      await session.ready();
      return await reader.call('gates', session.session, gates);
    },
    dead: async (tenantId, limit) => {
      const session = sessions.find(tenantId);
      if (session === undefined) return [];
      await session.ready();
      const jobs = await reader.call('deadJobs', session.session, limit);
      return jobs.map((job) => ({ ...job, error: JSON.parse(job.error) as JsonObject }));
    },
  };
}
