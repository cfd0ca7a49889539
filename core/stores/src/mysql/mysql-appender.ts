import type { Appended, NewEvent } from '@tendril/engine/ports';
import { TendrilError } from '@tendril/plugin-api';
import { DEDUPE_TURN_MS, digestOf, eventId, eventPlace } from '../work/log-scope.ts';
import type { LogTenant } from '../work/log-scope.ts';
import type { LogSql } from '../work/log-sql.ts';
import type { SealedPayload } from '../work/keyring.ts';
import { numberName } from '../work/log-tenant.ts';
import { bytesOf, numberOf } from '../work/step.ts';
import type { SqlRow, SqlValue } from '../work/step.ts';
import type { Settled } from './group-committer.ts';
import type { Connection, MysqlDatabase } from './mysql-database.ts';

const ROWS_OF_INSERT = 500;
// Bytes go as hexadecimal, and the server takes 16 MB at once unless told otherwise.
const BYTES_OF_INSERT = 4_000_000;
const DIGESTS_AT_ONCE = 1_000;
const REMEMBERED_NAMES = 20_000;
const EVENT_COLUMNS = 11;
/** What the columns of names and message ids hold. */
const TEXT_BYTES = 700;

/** Events of one call. */
export interface AppendRequest {
  readonly tenant: LogTenant;
  readonly events: readonly NewEvent[];
  readonly now: number;
}

interface PreparedEvent {
  readonly event: NewEvent;
  readonly digest: Buffer;
  readonly sealed: SealedPayload;
}

type Prepared = { readonly request: AppendRequest; readonly events: readonly PreparedEvent[] } | { readonly error: TendrilError };

/** Appends the events of many calls in one transaction. */
export class MysqlAppender {
  readonly #database: MysqlDatabase;
  readonly #sql: LogSql;
  readonly #names = new Map<string, number>();

  constructor(database: MysqlDatabase, sql: LogSql) {
    this.#database = database;
    this.#sql = sql;
  }

  /** One transaction for all calls; a call that cannot be sealed fails alone. */
  async append(requests: readonly AppendRequest[]): Promise<readonly Settled<readonly Appended[]>[]> {
    const prepared = requests.map(prepare);
    const active = await this.#takeTurn(requests.at(-1)?.now ?? 0);
    // Of the attempt that went through: numbers that a transaction gave and took back are somebody else's by now.
    let learnt = new Map<string, number>();
    const settled = await this.#database.transaction((connection) => {
      learnt = new Map();
      return this.#write(connection, prepared, { active, learnt });
    });
    if (this.#names.size + learnt.size >= REMEMBERED_NAMES) this.#names.clear();
    for (const [name, number] of learnt) this.#names.set(name, number);
    return settled;
  }

  async #write(
    connection: Connection,
    prepared: readonly Prepared[],
    { active, learnt }: { readonly active: number; readonly learnt: Map<string, number> },
  ): Promise<readonly Settled<readonly Appended[]>[]> {
    const calls = prepared.flatMap((call) => ('error' in call ? [] : [call]));
    const heads = await lockHeads(
      connection,
      calls.map(({ request }) => request.tenant.tenantNo),
    );
    const positions = await findDigests(
      connection,
      calls.flatMap(({ events }) => events.map(({ digest }) => digest)),
    );
    const eventRows: SqlValue[][] = [];
    const digestRows: SqlValue[][] = [];
    const settled: Settled<readonly Appended[]>[] = [];
    for (const call of prepared) {
      if ('error' in call) {
        settled.push(call);
        continue;
      }
      const { tenantNo, keyring } = call.request.tenant;
      const result: Appended[] = [];
      for (const { event, digest, sealed } of call.events) {
        const known = positions.get(digest.toString('latin1'));
        if (known !== undefined) {
          result.push({ position: known, isDuplicate: true });
          continue;
        }
        const position = (heads.get(tenantNo) ?? 0) + 1;
        heads.set(tenantNo, position);
        positions.set(digest.toString('latin1'), position);
        const numbers = [
          await this.#numberOf(connection, event.kind, learnt),
          await this.#numberOf(connection, event.name, learnt),
          await this.#numberOf(connection, event.appId, learnt),
        ];
        const person = event.person === undefined ? null : keyring.hash(event.person);
        eventRows.push([
          eventId(tenantNo, position),
          event.messageId,
          ...numbers,
          event.occurredAt,
          event.receivedAt,
          person,
          sealed.codec,
          sealed.keyId,
          sealed.bytes,
        ]);
        digestRows.push([digest, position]);
        result.push({ position, isDuplicate: false });
      }
      settled.push({ result });
    }
    const columns = this.#sql.insertEvent.slice(0, this.#sql.insertEvent.indexOf('VALUES'));
    await insertRows(connection, columns, EVENT_COLUMNS, eventRows);
    await insertRows(connection, `INSERT INTO dedupe_${String(active)} (digest, position) `, 2, digestRows);
    if (eventRows.length > 0) for (const [tenantNo, position] of heads) await connection.query(this.#sql.moveHead, [position, tenantNo]);
    return settled;
  }

  async #numberOf(connection: Connection, name: string, learnt: Map<string, number>): Promise<number> {
    const known = this.#names.get(name) ?? learnt.get(name);
    if (known !== undefined) return known;
    const number = await connection.run(numberName(this.#sql, name));
    learnt.set(name, number);
    return number;
  }

  // Emptied by TRUNCATE, which a transaction cannot hold: the row of the turn is locked meanwhile, and a process that
  // still writes into the table that was active loses nothing, as both are asked.
  async #takeTurn(now: number): Promise<number> {
    const turn = await this.#database.read(readTurn(this.#sql.readTurn));
    if (now - turn.since < DEDUPE_TURN_MS) return turn.active;
    return await this.#database.transaction(async (connection) => {
      const locked = await connection.run(readTurn(this.#sql.lockTurn));
      if (now - locked.since < DEDUPE_TURN_MS) return locked.active;
      const active = 1 - locked.active;
      await this.#database.read(truncate(active));
      await connection.query(this.#sql.setTurn, [active, now]);
      return active;
    });
  }
}

function* readTurn(
  sql: string,
): Generator<{ sql: string; values: readonly SqlValue[] }, { readonly active: number; readonly since: number }, readonly SqlRow[]> {
  const [row] = yield { sql, values: [] };
  if (row === undefined) throw new TendrilError('INTERNAL', { table: 'dedupe_turn' });
  return { active: numberOf(row, 'active'), since: numberOf(row, 'since') };
}

function* truncate(table: number): Generator<{ sql: string; values: readonly SqlValue[] }, void, readonly SqlRow[]> {
  yield { sql: `TRUNCATE TABLE dedupe_${String(table)}`, values: [] };
}

function prepare(request: AppendRequest): Prepared {
  const { tenantNo, keyring } = request.tenant;
  try {
    for (const event of request.events) checkLengths(event);
    const events = request.events.map((event) => ({
      event,
      digest: digestOf(tenantNo, event.messageId),
      sealed: keyring.seal(event.payload, eventPlace(keyring.tenantId, event.messageId)),
    }));
    return { request, events };
  } catch (error) {
    return { error: TendrilError.is(error) ? error : new TendrilError('INTERNAL', {}, { cause: error }) };
  }
}

// What a column cannot hold would fail for all that share the transaction.
function checkLengths(event: NewEvent): void {
  for (const field of ['messageId', 'kind', 'name', 'appId'] as const) {
    if (Buffer.byteLength(event[field]) > TEXT_BYTES) throw new TendrilError('INPUT_INVALID', { field, limitBytes: TEXT_BYTES });
  }
}

// In ascending order, so that two processes never wait for each other in a circle.
async function lockHeads(connection: Connection, tenantNos: readonly number[]): Promise<Map<number, number>> {
  const distinct = [...new Set(tenantNos)].toSorted((a, b) => a - b);
  if (distinct.length === 0) return new Map();
  const rows = await connection.query(
    `SELECT tenant_no, position FROM log_heads WHERE tenant_no IN (${marks(distinct.length)}) ORDER BY tenant_no FOR UPDATE`,
    distinct,
  );
  return new Map(rows.map((row) => [numberOf(row, 'tenant_no'), numberOf(row, 'position')]));
}

async function findDigests(connection: Connection, digests: readonly Buffer[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let start = 0; start < digests.length; start += DIGESTS_AT_ONCE) {
    const some = digests.slice(start, start + DIGESTS_AT_ONCE);
    const select = (table: number): string =>
      `SELECT digest, position FROM dedupe_${String(table)} WHERE digest IN (${marks(some.length)})`;
    const rows = await connection.query(`${select(0)} UNION ALL ${select(1)}`, [...some, ...some]);
    for (const row of rows) found.set(Buffer.from(bytesOf(row, 'digest')).toString('latin1'), numberOf(row, 'position'));
  }
  return found;
}

async function insertRows(connection: Connection, insert: string, columns: number, rows: readonly SqlValue[][]): Promise<void> {
  let chunk: SqlValue[][] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (chunk.length === 0) return;
    await connection.query(`${insert}VALUES ${chunk.map(() => `(${marks(columns)})`).join(', ')}`, chunk.flat());
    chunk = [];
    bytes = 0;
  };
  for (const row of rows) {
    chunk.push(row);
    bytes += row.reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0);
    if (chunk.length === ROWS_OF_INSERT || bytes > BYTES_OF_INSERT) await flush();
  }
  await flush();
}

function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
