import knex from 'knex';
import type { Knex } from 'knex';
import type { SqlRow, SqlValue, Work } from '../work/step.ts';
import { fromMysqlError, isRepeatable } from './mysql-error.ts';

const MOST_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5_000;
const ATTEMPTS = 6;

type Answer = readonly [readonly SqlRow[] | { readonly affectedRows?: number }];

/** Runs work on one connection. */
export interface Connection {
  run<Result>(work: Work<Result>): Promise<Result>;
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/** A pool of connections to one server. */
export class MysqlDatabase {
  readonly #knex: Knex;

  /** @param url `mysql://user:password@host:port/database` */
  constructor(url: string) {
    this.#knex = knex({
      client: 'mysql2',
      connection: {
        uri: url,
        connectTimeout: CONNECT_TIMEOUT_MS,
        charset: 'utf8mb4',
        supportBigNumbers: true,
        enableKeepAlive: true,
      } as Knex.MySql2ConnectionConfig,
      pool: { min: 0, max: MOST_CONNECTIONS },
      acquireConnectionTimeout: CONNECT_TIMEOUT_MS,
      // What goes wrong is thrown; knex would print it as well.
      log: { warn: ignore, error: ignore, deprecate: ignore, debug: ignore },
    });
  }

  /** Reads outside a transaction, each statement on the newest data. */
  async read<Result>(work: Work<Result>): Promise<Result> {
    try {
      return await connectionOf(this.#knex).run(work);
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

function ignore(): void {
  // nothing to say
}

function connectionOf(knexOrTransaction: Knex): Connection {
  async function query(sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    // knex answers with what the driver does: rows, or the result of a write.
    const [answer] = await knexOrTransaction.raw<Answer>(sql, values.map(toBinding));
    return Array.isArray(answer) ? (answer as readonly SqlRow[]) : [{ changes: 'affectedRows' in answer ? (answer.affectedRows ?? 0) : 0 }];
  }
  return {
    query,
    run: async (work) => {
      let state = work.next([]);
      while (state.done !== true)
        state = work.next(state.value.ahead === undefined ? await query(state.value.sql, state.value.values) : []);
      return state.value;
    },
  };
}

// The driver knows Buffers only.
function toBinding(value: SqlValue): number | string | Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
