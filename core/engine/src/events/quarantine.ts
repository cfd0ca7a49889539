import { hash } from 'node:crypto';
import type { Clock, JsonObject, Page } from '@tendril/plugin-api';
import type { App, Problem, QuarantinedEvent, RawCall } from '../hub.ts';
import type { Change, TenantState } from '../ports.ts';
import type { CallOrigin } from './normalise-call.ts';
import { QUARANTINE } from './tables.ts';

/** A quarantined call with all that is needed to take it in later. */
export interface QuarantineRecord extends QuarantinedEvent {
  readonly app: App;
  readonly origin: CallOrigin;
}

/** A record with the version that its removal must find. */
export interface VersionedQuarantine {
  readonly record: QuarantineRecord;
  readonly version: number;
}

/** Keeps a call that did not match its schema. The same message twice is kept once. */
export function quarantineChange(input: {
  readonly messageId: string;
  readonly name: string;
  readonly problems: readonly Problem[];
  readonly call: RawCall;
  readonly app: App;
  readonly origin: CallOrigin;
}): Change {
  const { messageId, name, problems, call, app, origin } = input;
  const id = `q_${hash('sha256', messageId, 'hex').slice(0, 40)}`;
  const value = { id, messageId, name, appId: app.id, receivedAt: origin.receivedAt, problems, call: { ...call, messageId }, app, origin };
  return { op: 'put', table: QUARANTINE, value: value as unknown as JsonObject };
}

/** How long a count is believed: the limit bounds a flood, it need not be exact. */
const COUNT_AGE_MS = 10_000;

/** Tells whether a tenant's quarantine holds as many as it may. */
export function createQuarantineGauge(options: { readonly state: TenantState; readonly clock: Clock; readonly limit: number }): {
  isFull(): Promise<boolean>;
} {
  const { state, clock, limit } = options;
  let known: { readonly isFull: boolean; readonly at: number } | undefined;
  return {
    isFull: async () => {
      if (known === undefined || clock.now() - known.at >= COUNT_AGE_MS) {
        const at = clock.now();
        const [all] = await state.aggregate(QUARANTINE, { index: 'byAge' });
        known = { isFull: (all?.count ?? 0) >= limit, at };
      }
      return known.isFull;
    },
  };
}

/** Newest first. */
export async function listQuarantine(
  state: TenantState,
  filter: { readonly limit?: number; readonly cursor?: string },
): Promise<Page<QuarantinedEvent>> {
  const page = await state.query(QUARANTINE, {
    index: 'byAge',
    order: 'descending',
    limit: filter.limit ?? 100,
    ...(filter.cursor === undefined ? {} : { cursor: filter.cursor }),
  });
  const items = page.items.map((row) => {
    const { app: _, origin: __, ...shown } = toRecord(row.value);
    return shown;
  });
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
}

/** Oldest first, those of the ids where given. */
export async function* readQuarantine(
  state: TenantState,
  ids: readonly string[] | undefined,
): AsyncGenerator<readonly VersionedQuarantine[]> {
  if (ids !== undefined) {
    const rows = await state.get(QUARANTINE, ids);
    yield rows.flatMap((row) => (row === undefined ? [] : [{ record: toRecord(row.value), version: row.version }]));
    return;
  }
  let cursor: string | undefined;
  do {
    const page = await state.query(QUARANTINE, { index: 'byAge', limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    yield page.items.map((row) => ({ record: toRecord(row.value), version: row.version }));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

function toRecord(value: JsonObject): QuarantineRecord {
  return value as unknown as QuarantineRecord;
}
