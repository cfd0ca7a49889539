import type { Clock } from '@tendril/plugin-api';
import type { Appended, LogStore, NewEvent, TenantLog } from '@tendril/engine/ports';
import { Listeners } from '../listeners.ts';
import { PendingCalls } from '../pending-calls.ts';
import { TenantSessions } from '../tenant-sessions.ts';
import type { TenantSession } from '../tenant-sessions.ts';
import { flattenEvents } from './log-appender.ts';
import type { LogReader } from './log-reader.ts';
import type { LogWriter } from './log-writer.ts';
import { WorkerClient } from './worker-client.ts';
import type { WorkerSettings } from './worker-messages.ts';

/** The log in an SQLite file, written by one thread and read by another. */
export async function openSqliteLog(settings: WorkerSettings, clock: Clock): Promise<LogStore> {
  const writer = await WorkerClient.start<LogWriter>('log-writer', settings);
  const reader = await WorkerClient.start<LogReader>('log-reader', settings);
  const appended = new Listeners<[tenantId: string, head: number]>();
  const pending = new PendingCalls();
  const waiting = { events: 0, bytes: 0 };
  const sessions = new TenantSessions(async (session, keys) => {
    const tenantNo = await writer.call('register', session, keys);
    await reader.call('register', session, tenantNo, keys);
    return tenantNo;
  });

  async function append(session: TenantSession, events: readonly NewEvent[]): Promise<readonly Appended[]> {
    if (events.length === 0) return [];
    const bytes = events.reduce((sum, event) => sum + event.payload.length, 0);
    waiting.events += events.length;
    waiting.bytes += bytes;
    try {
      await session.ready();
      const positions = await writer.call('append', session.session, flattenEvents(events), clock.now());
      const head = Math.max(...positions);
      if (head > 0) appended.notify(session.keys.tenantId, head);
      return positions.map((position) => ({ position: Math.abs(position), isDuplicate: position < 0 }));
    } finally {
      waiting.events -= events.length;
      waiting.bytes -= bytes;
    }
  }

  function tenantLog(session: TenantSession): TenantLog {
    const { session: id, ready } = session;
    return {
      append: (events) => pending.run(() => append(session, events)),
      read: async (after, limit) => (await ready(), reader.call('read', id, after, limit)),
      readPerson: async (people, limit, before) => (await ready(), reader.call('readPerson', id, people, limit, before)),
      readLatest: async (limit, before, name) => (await ready(), reader.call('readLatest', id, limit, before, name)),
      get: async (positions) => (await ready(), reader.call('get', id, positions)),
      head: async () => (await ready(), reader.call('head', id)),
    };
  }

  return {
    tenant: (keys) => tenantLog(sessions.of(keys)),
    onAppend: (listener) => appended.add(listener),
    heads: async () => new Map(await reader.call('heads')),
    backup: (path) => writer.call('backup', path),
    status: () => ({ waitingEvents: waiting.events, waitingBytes: waiting.bytes }),
    close: async () => {
      await pending.ended();
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
