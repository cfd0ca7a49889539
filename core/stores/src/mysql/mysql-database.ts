import knex from 'knex';
import type { Knex } from 'knex';
import type { SqlRow, SqlValue, Work } from '../work/step.ts';
import { cutBySize } from './batch.ts';
import type { SendBatch, Statement } from './batch.ts';
import { ReadGatherer } from './read-gatherer.ts';
import type { PointStatement } from './point-statements.ts';
import { fromMysqlError, isOvertaken, isRepeatable, overtaken } from './mysql-error.ts';

const MOST_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5_000;
const ATTEMPTS = 6;
/** Far longer than a busy process needs between two statements, and shorter than a lease. */
const IDLE_TRANSACTION_SECONDS = 5;
/** Longer than the pool keeps what nobody uses. */
const IDLE_CONNECTION_SECONDS = 60;

/** Runs work on one connection. */
export interface Connection {
  run<Result>(work: Work<Result>): Promise<Result>;
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/** How a batched transaction ends. */
export interface LastBatch {
  readonly statements: readonly Statement[];
  /** Questions to be asked after the statements; if one answer is not fine the transaction is run again. */
  readonly checks: readonly Statement[];
  readonly isFine: (answer: readonly SqlRow[]) => boolean;
}

// What is not there is not locked: whoever inserts it first is found out by the key. In exchange nobody waits for the
// gaps between rows.
const BEGIN: readonly Statement[] = [
  { sql: 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED', values: [] },
  { sql: 'START TRANSACTION', values: [] },
];
const COMMIT: Statement = { sql: 'COMMIT', values: [] };
const ROLLBACK: Statement = { sql: 'ROLLBACK', values: [] };

/** A pool of connections to one server. */
export class MysqlDatabase {
  readonly #knex: Knex;

  readonly #reads: ReadGatherer;

  /**
   * @param url `mysql://user:password@host:port/database`
   * @param points statements that ask for single rows by their key
   */
  constructor(url: string, points: ReadonlyMap<string, PointStatement> = new Map()) {
    this.#knex = knex({
      client: 'mysql2',
      connection: {
        uri: url,
        connectTimeout: CONNECT_TIMEOUT_MS,
        charset: 'utf8mb4',
        supportBigNumbers: true,
        multipleStatements: true,
        enableKeepAlive: true,
      } as Knex.MySql2ConnectionConfig,
      pool: { min: 0, max: MOST_CONNECTIONS, afterCreate: boundIdleTransactions },
      acquireConnectionTimeout: CONNECT_TIMEOUT_MS,
      // What goes wrong is thrown; knex would print it as well.
      log: { warn: ignore, error: ignore, deprecate: ignore, debug: ignore },
    });
    this.#reads = new ReadGatherer(
      senderOf((sql, values) => this.#knex.raw<unknown>(sql, values)),
      points,
    );
  }

  /** Reads outside a transaction, each statement on the newest data. */
  async read<Result>(work: Work<Result>): Promise<Result> {
    try {
      return await this.#reads.run(work);
    } catch (error) {
      throw fromMysqlError(error);
    }
  }

  /**
   * Runs a transaction, again when it fell victim to a deadlock.
   *
   * @throws TendrilError STORE_UNAVAILABLE, STORE_FULL. When the connection was lost during the commit itself the
   * server may have committed all the same: message ids and conditions make the repetition harmless
   */
  async transaction<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#knex.transaction((transaction) => run(connectionOf(transaction)));
      } catch (error) {
        if (attempt === ATTEMPTS || !isRepeatable(error)) throw fromMysqlError(error);
      }
    }
  }

  /** Runs statements that need nothing of each other as one transaction. */
  async write(statements: readonly Statement[]): Promise<void> {
    await this.batched(async () => ({ result: undefined, last: { statements, checks: [], isFine: () => true } }));
  }

  /**
   * Runs a transaction whose statements go to the server in batches, the first together with its beginning and the last
   * with its commit. Again when it fell victim to a deadlock, or when another one inserted what was not there.
   *
   * @throws as `transaction` does
   */
  async batched<Result>(run: (send: SendBatch) => Promise<{ readonly result: Result; readonly last: LastBatch }>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#runBatched(run);
      } catch (error) {
        if (attempt === ATTEMPTS || !(isRepeatable(error) || isOvertaken(error))) throw fromMysqlError(error);
      }
    }
  }

  async #runBatched<Result>(run: (send: SendBatch) => Promise<{ readonly result: Result; readonly last: LastBatch }>): Promise<Result> {
    const client = this.#knex.client as Knex.Client;
    const connection: unknown = await client.acquireConnection();
    const sendRaw = senderOf((sql, values) => this.#knex.raw<unknown>(sql, values).connection(connection));
    const progress = { isBegun: false };
    const send: SendBatch = async (statements) => {
      if (progress.isBegun) return await sendRaw(statements);
      progress.isBegun = true;
      return (await sendRaw([...BEGIN, ...statements])).slice(BEGIN.length);
    };
    try {
      const { result, last } = await run(send);
      if (last.checks.length > 0) {
        const answers = (await send([...last.statements, ...last.checks])).slice(last.statements.length);
        if (!answers.every(last.isFine)) throw overtaken();
        await send([COMMIT]);
      } else if (progress.isBegun || last.statements.length > 0) await send([...last.statements, COMMIT]);
      return result;
    } catch (error) {
      if (progress.isBegun) await sendRaw([ROLLBACK]).catch(ignore);
      throw error;
    } finally {
      await client.releaseConnection(connection);
    }
  }

  /** All rows of a table, as the transaction of `run` sees them, without holding them all in memory. */
  async snapshot(run: (rowsOf: (table: string) => AsyncIterable<SqlRow>) => Promise<void>): Promise<void> {
    try {
      await this.#knex.transaction((transaction) => run((table) => transaction.select('*').from(table).stream() as AsyncIterable<SqlRow>), {
        isolationLevel: 'repeatable read',
      });
    } catch (error) {
      throw fromMysqlError(error);
    }
  }

  async close(): Promise<void> {
    await this.#knex.destroy();
  }
}

interface RawConnection {
  query(sql: string, done: (error: Error | null) => void): void;
}

/** A process that is frozen within a transaction holds its locks, and everybody waits: the server ends it. */
function boundIdleTransactions(connection: RawConnection, done: (error: Error | null, connection: RawConnection) => void): void {
  connection.query(`SET SESSION idle_transaction_timeout = ${String(IDLE_TRANSACTION_SECONDS)}`, (unknown) => {
    if (unknown === null) done(null, connection);
    // MySQL knows no such setting, only one for whole connections: the pool has let go of those that idle before.
    else
      connection.query(`SET SESSION wait_timeout = ${String(IDLE_CONNECTION_SECONDS)}`, () => {
        done(null, connection);
      });
  });
}

function ignore(): void {
  // nothing to say
}

function connectionOf(knexOrTransaction: Knex): Connection {
  async function query(sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    // knex answers with what the driver does: the result, and what columns it has.
    const [answer] = await knexOrTransaction.raw<readonly unknown[]>(sql, values.map(toBinding));
    return toRows(answer);
  }
  return {
    query,
    run: async (work) => {
      let state = work.next([]);
      while (state.done !== true) {
        const { sql, values, ahead } = state.value;
        state = work.next(ahead === undefined ? await query(sql, values) : []);
      }
      return state.value;
    },
  };
}

/** Sends statements as one message, cut only where it would be too long. */
function senderOf(raw: (sql: string, values: Binding[]) => PromiseLike<unknown>): SendBatch {
  return async (statements) => {
    const answers: (readonly SqlRow[])[] = [];
    for (const part of cutBySize(statements, ({ values }) => values)) {
      const text = part.map(({ sql }) => sql).join(';\n');
      const [answer] = (await raw(
        text,
        part.flatMap(({ values }) => values.map(toBinding)),
      )) as readonly unknown[];
      // One statement is answered by its result, several by a list of theirs.
      if (part.length === 1) answers.push(toRows(answer));
      else answers.push(...(answer as readonly unknown[]).map(toRows));
    }
    return answers;
  };
}

function toRows(answer: unknown): readonly SqlRow[] {
  if (Array.isArray(answer)) return answer as readonly SqlRow[];
  const isCounted = typeof answer === 'object' && answer !== null && 'affectedRows' in answer;
  return [{ changes: isCounted ? Number(answer.affectedRows) : 0 }];
}

type Binding = number | string | Buffer | null;

// The driver knows Buffers only.
function toBinding(value: SqlValue): Binding {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
