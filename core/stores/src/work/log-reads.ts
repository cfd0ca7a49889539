import type { StoredEvent } from '@tendril/engine/ports';
import { endOfTenant, eventId, eventPlace, positionOf } from './log-scope.ts';
import type { LogScope } from './log-scope.ts';
import { ask, numberOf, textOf } from './step.ts';
import type { SqlRow, Work } from './step.ts';

function openEvent(scope: LogScope, row: SqlRow): StoredEvent {
  const { keyring } = scope.tenant;
  return { position: positionOf(numberOf(row, 'id')), payload: keyring.open(row, eventPlace(keyring.tenantId, textOf(row, 'message_id'))) };
}

/** In position order, from `after` (exclusive). */
export function* readEvents(scope: LogScope, after: number, limit: number): Work<readonly StoredEvent[]> {
  const { tenantNo } = scope.tenant;
  const rows = yield* ask(scope.sql.readAfter, eventId(tenantNo, Math.max(after, 0)), endOfTenant(tenantNo), limit);
  return rows.map((row) => openEvent(scope, row));
}

/** Newest first, below `before` (exclusive), optionally of one name. */
export function* readLatestEvents(
  scope: LogScope,
  limit: number,
  before: number | undefined,
  name: string | undefined,
): Work<readonly StoredEvent[]> {
  const { sql, tenant } = scope;
  const low = eventId(tenant.tenantNo, 0);
  const high = highestId(scope, before);
  if (name === undefined) return (yield* ask(sql.readBefore, low, high, limit)).map((row) => openEvent(scope, row));
  const [known] = yield* ask(sql.findName, name);
  if (known === undefined) return [];
  return (yield* ask(sql.readNameBefore, low, high, numberOf(known, 'name_no'), limit)).map((row) => openEvent(scope, row));
}

/** Those of people by any of their identities, newest first, below `before` (exclusive). */
export function* readEventsOfPerson(
  scope: LogScope,
  people: readonly string[],
  limit: number,
  before: number | undefined,
): Work<readonly StoredEvent[]> {
  const { sql, tenant } = scope;
  const found = new Map<number, SqlRow>();
  for (const person of new Set(people)) {
    const rows = yield* ask(
      sql.readPersonBefore,
      tenant.keyring.hash(person),
      eventId(tenant.tenantNo, 0),
      highestId(scope, before),
      limit,
    );
    for (const row of rows) found.set(numberOf(row, 'id'), row);
  }
  return [...found]
    .toSorted(([a], [b]) => b - a)
    .slice(0, limit)
    .map(([, row]) => openEvent(scope, row));
}

/** In the order of the positions. */
export function* getEvents(scope: LogScope, positions: readonly number[]): Work<readonly (StoredEvent | undefined)[]> {
  const events: (StoredEvent | undefined)[] = [];
  for (const position of positions) {
    const [row] = yield* ask(scope.sql.readOne, eventId(scope.tenant.tenantNo, position));
    events.push(row === undefined || position < 1 ? undefined : openEvent(scope, row));
  }
  return events;
}

/** The last position, 0 when empty. */
export function* readHead(scope: LogScope): Work<number> {
  const [row] = yield* ask(scope.sql.readHead, scope.tenant.tenantNo);
  return row === undefined ? 0 : numberOf(row, 'position');
}

function highestId(scope: LogScope, before: number | undefined): number {
  const { tenantNo } = scope.tenant;
  return before === undefined ? endOfTenant(tenantNo) : Math.min(eventId(tenantNo, before), endOfTenant(tenantNo));
}
