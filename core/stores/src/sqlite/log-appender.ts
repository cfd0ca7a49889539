import type { NewEvent } from '@tendril/engine/ports';
import { DEDUPE_TURN_MS, digestOf, eventId, eventPlace } from '../work/log-scope.ts';
import type { LogTenant } from '../work/log-scope.ts';
import type { LogSql } from '../work/log-sql.ts';
import { numberName } from '../work/log-tenant.ts';
import { numberOf } from '../work/step.ts';
import type { SqlRow } from '../work/step.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Events as one flat array of primitives, which crosses between threads at the least cost: eight members of each. */
export type FlatEvents = readonly (string | number | undefined)[];

const MEMBERS = 8;
const REMEMBERED_NAMES = 20_000;

/** For the way to the writer thread. */
export function flattenEvents(events: readonly NewEvent[]): FlatEvents {
  const flat: (string | number | undefined)[] = [];
  for (const { messageId, kind, name, appId, occurredAt, receivedAt, person, payload } of events) {
    flat.push(messageId, kind, name, appId, occurredAt, receivedAt, person, payload);
  }
  return flat;
}

/** Inserts events inside the transaction of a group. */
export class LogAppender {
  readonly #database: SqliteDatabase;
  readonly #sql: LogSql;
  readonly #names = new Map<string, number>();
  #turn: { readonly active: number; readonly since: number } | undefined;

  constructor(database: SqliteDatabase, sql: LogSql) {
    this.#database = database;
    this.#sql = sql;
  }

  /** What was learnt in a transaction that was taken back. */
  forget(): void {
    this.#names.clear();
    this.#turn = undefined;
  }

  /** @returns for each event its position, negative when it is a duplicate */
  append({ tenantNo, keyring }: LogTenant, events: FlatEvents, now: number): readonly number[] {
    const active = this.#takeTurn(now);
    const isKnown = this.#database.prepare(this.#sql.findDigest(active));
    const wasKnown = this.#database.prepare(this.#sql.findDigest(1 - active));
    const remember = this.#database.prepare(this.#sql.insertDigest(active));
    const insert = this.#database.prepare(this.#sql.insertEvent);
    const head = this.#database.prepare(this.#sql.lockHead).get(tenantNo) as SqlRow;
    const headBefore = numberOf(head, 'position');
    let position = headBefore;
    const positions: number[] = [];
    for (let at = 0; at < events.length; at += MEMBERS) {
      const messageId = String(events[at]);
      const digest = digestOf(tenantNo, messageId);
      let known = wasKnown.get(digest) as SqlRow | undefined;
      // Most are new: inserting at once spares the question whether they are.
      if (known === undefined && remember.run(digest, position + 1).changes === 0) known = isKnown.get(digest) as SqlRow | undefined;
      if (known !== undefined) {
        positions.push(-numberOf(known, 'position'));
        continue;
      }
      position += 1;
      const person = events[at + 6];
      const sealed = keyring.seal(String(events[at + 7]), eventPlace(keyring.tenantId, messageId));
      insert.run(
        eventId(tenantNo, position),
        messageId,
        this.#numberOf(String(events[at + 1])),
        this.#numberOf(String(events[at + 2])),
        this.#numberOf(String(events[at + 3])),
        events[at + 4],
        events[at + 5],
        person === undefined ? null : keyring.hash(String(person)),
        sealed.codec,
        sealed.keyId,
        sealed.bytes,
      );
      positions.push(position);
    }
    if (position > headBefore) this.#database.prepare(this.#sql.moveHead).run(position, tenantNo);
    return positions;
  }

  #numberOf(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const number = this.#database.run(numberName(this.#sql, name));
    if (this.#names.size >= REMEMBERED_NAMES) this.#names.clear();
    this.#names.set(name, number);
    return number;
  }

  // The table that is not active holds the day before; when its turn comes it starts empty.
  #takeTurn(now: number): number {
    const turn = this.#turn ?? this.#readTurn();
    this.#turn = turn;
    if (now - turn.since < DEDUPE_TURN_MS) return turn.active;
    const active = 1 - turn.active;
    this.#database.prepare(this.#sql.clearDedupe(active)).run();
    this.#database.prepare(this.#sql.setTurn).run(active, now);
    this.#turn = { active, since: now };
    return active;
  }

  #readTurn(): { readonly active: number; readonly since: number } {
    const row = this.#database.prepare(this.#sql.readTurn).get() as SqlRow;
    return { active: numberOf(row, 'active'), since: numberOf(row, 'since') };
  }
}
