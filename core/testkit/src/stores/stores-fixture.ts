import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, JsonObject } from '@tendril/plugin-api';
import type { Change, NewEvent, NewJob, Stores, TableSpec, TenantKeys, TenantState } from '@tendril/engine/ports';

/** What an implementation gives to its suite. */
export interface OpenedStores {
  readonly stores: Stores;
  /** Closes and opens the same data again, as after a restart. */
  readonly reopen: () => Promise<Stores>;
  readonly close: () => Promise<void>;
  /** The raw bytes of everything on disk, where there is a disk. */
  readonly rawBytes?: () => Promise<Buffer>;
}

/** A clock that stands still until it is moved. */
export class ManualClock {
  #now = Date.UTC(2026, 0, 15, 12);

  readonly now = (): number => this.#now;

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

/** Opens fresh stores on the given clock. */
export type OpenStores = (clock: ManualClock) => Promise<OpenedStores>;

/** Keys of a tenant, the same each time; `variant` gives others. */
export function keysOf(tenantId: string, variant = 1): TenantKeys {
  const fill = (offset: number): Uint8Array =>
    new Uint8Array(32).fill((tenantId.length * 31 + tenantId.charCodeAt(0) + variant * 7 + offset) % 251);
  return { tenantId, currentKeyId: 1, dataKeys: { 1: fill(1) }, indexKey: fill(2) };
}

/** An event of a person. */
export function eventOf(id: string, more: Partial<NewEvent> = {}): NewEvent {
  const base = {
    messageId: id,
    kind: 'track',
    name: 'Order Completed',
    appId: 'app_1',
    occurredAt: 1_000,
    receivedAt: 2_000,
    person: 'userId:7',
  };
  return { ...base, payload: JSON.stringify({ id, email: 'ada.lovelace@example.invalid' }), ...more };
}

/** A table with an index of every kind. */
export const LEADS: TableSpec = {
  name: 'leads.leads',
  key: 'id',
  indexes: {
    byScore: { fields: ['stage', 'score'] },
    byEmail: { fields: ['email'], unique: true },
    byTag: { fields: ['tags'] },
    byDay: { fields: ['day', 'stage', 'score'] },
  },
  personal: ['email'],
};

/** A table whose key is personal. */
export const PEOPLE: TableSpec = {
  name: 'profiles.identities',
  key: 'identity',
  indexes: { byProfile: { fields: ['profileId'] } },
  personal: ['identity'],
};

/** Writes a row. */
export function put(value: JsonObject, expect?: number, table: TableSpec = LEADS): Change {
  return expect === undefined ? { op: 'put', table, value } : { op: 'put', table, value, expect };
}

/** Adds a job. */
export function job(id: string, more: Partial<NewJob> = {}): Change {
  return { op: 'job', job: { id, kind: 'run', priority: 5, dueAt: 0, ...more } };
}

/** All rows of a question, page after page. */
export async function allKeys(
  state: TenantState,
  query: Parameters<TenantState['query']>[1],
  table: TableSpec = LEADS,
): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await state.query(table, cursor === undefined ? query : { ...query, cursor });
    keys.push(...page.items.map((row) => row.key));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return keys;
}

/** For `assert.rejects`: the error of this code. */
export function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => TendrilError.is(error) && error.code === code;
}
