import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Appended, LogStore, NewEvent, StoredEvent, TenantKeys, TenantLog } from '@tendril/engine/ports';

const DEDUPE_WINDOW_MS = 24 * 3_600_000;

/** A payload and the data key that would have sealed it. */
export interface Sealed {
  readonly keyId: number;
  readonly key: Uint8Array;
  readonly payload: string;
}

/** Notes the key that seals. */
export function sealInMemory(payload: string, keys: TenantKeys): Sealed {
  const key = keys.dataKeys[keys.currentKeyId];
  if (key === undefined) throw new TendrilError('VAULT_KEY_MISSING', { keyId: keys.currentKeyId });
  return { keyId: keys.currentKeyId, key: key.slice(), payload };
}

/** Opens as a real vault would: only with the key that sealed. */
export function openInMemory(sealed: Sealed, keys: TenantKeys): string {
  const key = keys.dataKeys[sealed.keyId];
  if (key === undefined) throw new TendrilError('VAULT_KEY_MISSING', { keyId: sealed.keyId });
  if (Buffer.compare(key, sealed.key) !== 0) throw new TendrilError('VAULT_TAMPERED');
  return sealed.payload;
}

interface MemoryEvent {
  readonly position: number;
  readonly name: string;
  readonly person: string | undefined;
  readonly sealed: Sealed;
}

interface TenantEvents {
  readonly events: MemoryEvent[];
  readonly seen: Map<string, { readonly position: number; readonly at: number }>;
}

/** The log port in memory. */
export function createMemoryLog(clock: Clock): LogStore {
  const tenants = new Map<string, TenantEvents>();
  const listeners = new Set<(tenantId: string, head: number) => void>();

  function eventsOf(tenantId: string): TenantEvents {
    const found = tenants.get(tenantId) ?? { events: [], seen: new Map() };
    tenants.set(tenantId, found);
    return found;
  }

  return {
    tenant: (keys) =>
      createTenantLog(keys, eventsOf(keys.tenantId), clock, (head) => {
        for (const listener of listeners) listener(keys.tenantId, head);
      }),
    onAppend: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    heads: async () => new Map([...tenants].filter(([, log]) => log.events.length > 0).map(([id, log]) => [id, log.events.length])),
    backup: async () => {
      throw new TendrilError('STORE_UNAVAILABLE', { store: 'memory' });
    },
    status: () => ({ waitingEvents: 0, waitingBytes: 0 }),
    close: async () => undefined,
  };
}

function createTenantLog(keys: TenantKeys, log: TenantEvents, clock: Clock, appended: (head: number) => void): TenantLog {
  function appendOne(event: NewEvent): Appended {
    const seen = log.seen.get(event.messageId);
    const now = clock.now();
    if (seen !== undefined && now - seen.at < 2 * DEDUPE_WINDOW_MS) return { position: seen.position, isDuplicate: true };
    const position = log.events.length + 1;
    log.events.push({ position, name: event.name, person: event.person, sealed: sealInMemory(event.payload, keys) });
    log.seen.set(event.messageId, { position, at: now });
    return { position, isDuplicate: false };
  }

  const open = (event: MemoryEvent): StoredEvent => ({ position: event.position, payload: openInMemory(event.sealed, keys) });

  function newestFirst(limit: number, before: number, matches: (event: MemoryEvent) => boolean): readonly StoredEvent[] {
    return log.events
      .filter((event) => event.position < before && matches(event))
      .toReversed()
      .slice(0, limit)
      .map(open);
  }

  return {
    append: async (events) => {
      const headBefore = log.events.length;
      const results = events.map(appendOne);
      if (log.events.length > headBefore) appended(log.events.length);
      return results;
    },
    read: async (after, limit) => log.events.slice(after, after + limit).map(open),
    readPerson: async (people, limit, before = Infinity) =>
      newestFirst(limit, before, (event) => event.person !== undefined && people.includes(event.person)),
    readLatest: async (limit, before = Infinity, name) => newestFirst(limit, before, (event) => name === undefined || event.name === name),
    get: async (positions) =>
      positions.map((position) => {
        const event = log.events[position - 1];
        return event === undefined ? undefined : open(event);
      }),
    head: async () => log.events.length,
  };
}
