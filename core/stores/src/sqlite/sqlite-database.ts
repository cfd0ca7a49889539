import Database from 'better-sqlite3';
import type { SqlRow, SqlValue, Work } from '../work/step.ts';

/** How a database file is opened. */
export interface OpenOptions {
  readonly path: string;
  readonly isReader: boolean;
  /** How long to wait for another process's lock. */
  readonly busyTimeoutMs: number;
  /** The most pages that the file may have: lets a test fill the disk. */
  readonly maxPages?: number | undefined;
}

const CHECKPOINT_PAGES = 8_000;
/** What a transaction changes is kept here until it commits: a page that has no room is written to the log more than once. */
const WRITER_CACHE_KIB = 32_768;
const KEPT_WAL_BYTES = 64 * 1_024 * 1_024;
const READER_CACHE_KIB = 8_192;

/** One connection with its prepared statements. */
export class SqliteDatabase {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  // Asking the statement itself goes to native code each time.
  readonly #readers = new Set<Database.Statement>();
  #changedRows = 0;

  constructor(options: OpenOptions) {
    this.#database = new Database(options.path, { timeout: options.busyTimeoutMs, fileMustExist: options.isReader });
    if (options.isReader) {
      this.#database.pragma('query_only = ON');
      this.#database.pragma(`cache_size = -${String(READER_CACHE_KIB)}`);
      return;
    }
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = FULL');
    this.#database.pragma(`cache_size = -${String(WRITER_CACHE_KIB)}`);
    this.#database.pragma(`wal_autocheckpoint = ${String(CHECKPOINT_PAGES)}`);
    // Savepoints keep what they may have to bring back; else that goes to a temporary file.
    this.#database.pragma('temp_store = MEMORY');
    this.#database.pragma(`journal_size_limit = ${String(KEPT_WAL_BYTES)}`);
    if (options.maxPages !== undefined) this.#database.pragma(`max_page_count = ${String(options.maxPages)}`);
  }

  /** The statement, prepared at its first use. */
  prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    if (statement.reader) this.#readers.add(statement);
    return statement;
  }

  /** Runs work to its end. */
  run<Result>(work: Work<Result>): Result {
    let state = work.next([]);
    // Nothing is gained by fetching ahead what lies in the same process.
    while (state.done !== true)
      state = work.next(state.value.ahead === undefined ? this.#execute(state.value.sql, state.value.values) : []);
    return state.value;
  }

  /** Reads on one state of the file. */
  inSnapshot<Result>(read: () => Result): Result {
    this.prepare('BEGIN').run();
    try {
      return read();
    } finally {
      if (this.#database.inTransaction) this.prepare('COMMIT').run();
    }
  }

  #execute(sql: string, values: readonly SqlValue[]): readonly SqlRow[] {
    const statement = this.prepare(sql);
    if (this.#readers.has(statement)) return statement.all(...values) as SqlRow[];
    const { changes } = statement.run(...values);
    this.#changedRows += changes;
    return [{ changes }];
  }

  /** How many rows work has changed so far, those included that were taken back. */
  get changedRows(): number {
    return this.#changedRows;
  }

  get isInTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Copies the database while it is in use; parts of it at a time, so that writing goes on. */
  async backup(path: string): Promise<void> {
    await this.#database.backup(path);
  }

  close(): void {
    this.#database.close();
  }
}
