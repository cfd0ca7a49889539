import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { TendrilError } from '@tendril/plugin-api';
import type { AnalyticsBatch, Logger } from '@tendril/plugin-api';
import { appendBatch } from './append-batch.ts';
import { Dictionary } from './dictionary.ts';
import type { DictionaryView } from './dictionary.ts';
import { CREATE, LAYOUT } from './layout.ts';

/** How much a file may use. */
export interface FileLimits {
  readonly memoryMegabytes: number;
  readonly threads: number;
}

/** A moment of the copy, which later appends do not change. */
export interface Snapshot {
  readonly position: number;
  readonly dictionary: DictionaryView;
  rows(sql: string, values?: readonly DuckDBValue[]): Promise<readonly (readonly DuckDBValue[])[]>;
  readonly connection: DuckDBConnection;
}

/** Questions at once; others wait. Each takes a thread of Node's pool, which has four. */
const QUESTIONS_AT_ONCE = 2;

/** As DuckDB and Windows say it; what is broken is spoken of in blocks. */
const HELD_BY_ANOTHER = /could not set lock on file|used by another process/i;

/** The columnar copy of one tenant's log. */
export class ColumnarFile {
  readonly #path: string;
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  #dictionary: Dictionary;
  #position: number;
  #writing: Promise<unknown> = Promise.resolve();
  #asking = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(path: string, instance: DuckDBInstance, writer: DuckDBConnection, dictionary: Dictionary, position: number) {
    this.#path = path;
    this.#instance = instance;
    this.#writer = writer;
    this.#dictionary = dictionary;
    this.#position = position;
  }

  /**
   * Opens the file, or makes an empty one. A file that cannot be read is set aside under another name: the log is the truth.
   *
   * @throws TendrilError ANALYTICS_NOT_HERE when another process has it open
   */
  static async open(path: string, limits: FileLimits, log: Logger, now: number): Promise<ColumnarFile> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      return await ColumnarFile.#open(path, limits);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (HELD_BY_ANOTHER.test(reason))
        throw new TendrilError('ANALYTICS_NOT_HERE', { reason: 'another process has the file open' }, { cause: error });
      if (!existsSync(path)) throw error;
      const aside = `${path}.unreadable-${now}`;
      log.error({ err: error, aside }, 'the columnar copy cannot be read; it is set aside and filled anew from the log');
      await rename(path, aside);
      await rm(`${path}.wal`, { force: true });
      return ColumnarFile.#open(path, limits);
    }
  }

  static async #open(path: string, { memoryMegabytes, threads }: FileLimits): Promise<ColumnarFile> {
    // Loaded when somebody needs it: it takes memory.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(path, {
      threads: String(threads),
      memory_limit: `${memoryMegabytes}MB`,
      temp_directory: `${path}.tmp`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // Of files this one, and nothing else: questions are made of words that come from outside.
      enable_external_access: 'false',
      lock_configuration: 'true',
      preserve_insertion_order: 'false',
    });
    try {
      const writer = await instance.connect();
      await chmod(path, 0o600);
      const isNew = (await writer.runAndReadAll("SELECT 1 FROM duckdb_tables() WHERE table_name = 'copy'")).currentRowCount === 0;
      if (isNew) await create(writer);
      const [row] = (await writer.runAndReadAll('SELECT position, layout FROM copy')).getRows();
      if (Number(row?.[1]) !== LAYOUT) throw new Error(`layout ${String(row?.[1])} is not ${LAYOUT}`);
      return new ColumnarFile(path, instance, writer, await Dictionary.read(writer), Number(row?.[0] ?? 0));
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  get position(): number {
    return this.#position;
  }

  /** Adds a batch. @throws TendrilError CONFLICT when there is a gap before it */
  append(batch: AnalyticsBatch): Promise<void> {
    return this.#alone(async () => {
      if (batch.after > this.#position) throw new TendrilError('CONFLICT', { position: this.#position, after: batch.after });
      if (batch.through <= this.#position) return;
      try {
        await appendBatch(this.#writer, this.#dictionary, batch, this.#position);
        this.#dictionary.settle();
        this.#position = batch.through;
      } catch (error) {
        this.#dictionary = await Dictionary.read(this.#writer);
        throw error;
      }
    });
  }

  /** Reads at one moment. */
  async read<Result>(work: (snapshot: Snapshot) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (this.#asking >= QUESTIONS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#asking += 1;
    try {
      return await this.#readNow(work, signal);
    } finally {
      this.#asking -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #readNow<Result>(work: (snapshot: Snapshot) => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    signal?.throwIfAborted();
    const connection = await this.#instance.connect();
    const interrupt = (): void => {
      connection.interrupt();
    };
    signal?.addEventListener('abort', interrupt);
    try {
      signal?.throwIfAborted();
      const rows: Snapshot['rows'] = async (sql, values = []) => (await connection.runAndReadAll(sql, [...values])).getRows();
      // The moment is that of the first read; between appends, so that the dictionary is of the same one.
      const { position, dictionary } = await this.#alone(async () => {
        await connection.run('BEGIN TRANSACTION READ ONLY');
        const [row] = await rows('SELECT position FROM copy');
        return { position: Number(row?.[0] ?? 0), dictionary: this.#dictionary.view() };
      });
      return await work({ position, dictionary, rows, connection });
    } finally {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  /** Waits for what is being written, then closes the file. */
  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    this.#writer.closeSync();
    this.#instance.closeSync();
  }

  /** Closes and removes it. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    await rm(`${this.#path}.wal`, { force: true });
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#writing.then(work, work);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}

async function create(writer: DuckDBConnection): Promise<void> {
  await writer.run('BEGIN TRANSACTION');
  for (const statement of CREATE) await writer.run(statement);
  await writer.run('COMMIT');
}
