import type { FaultPoint } from '../fault-points.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { isStoreFailure, toWireError } from './store-error.ts';
import type { Methods, WorkerReply, WorkerRequest } from './worker-messages.ts';

/** What a writer thread serves. */
export interface Writer {
  readonly store: 'log' | 'state';
  readonly database: SqliteDatabase;
  /** Each runs inside the group's transaction, and leaves nothing behind when it is taken back. */
  readonly writes: Methods;
  /** Run between two groups; may be asynchronous. */
  readonly controls: Methods;
  /** Called when a transaction, or a part of it, was taken back: what was read in it is no longer true. */
  readonly forget: () => void;
  readonly passFault: (point: FaultPoint) => void;
}

/** How many groups are written with savepoints after one that had to be done again. */
const CAREFUL_GROUPS = 64;

/**
 * Commits groups of requests, each group in one transaction.
 *
 * A savepoint around each request costs as much as the request itself, and nearly all hold. So they are written without;
 * only when one has to be taken back after it has written something is the group taken back and written again with them.
 */
export class GroupCommit {
  readonly #writer: Writer;
  #carefulGroups = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** One answer for each request, in their order. */
  commit(requests: readonly WorkerRequest[]): readonly WorkerReply[] {
    const { database, store, passFault } = this.#writer;
    try {
      database.prepare('BEGIN IMMEDIATE').run();
      passFault(`${store}.before-insert`);
      const replies = this.#writeTogether(requests) ?? requests.map((request) => this.#writeAlone(request));
      passFault(`${store}.before-commit`);
      database.prepare('COMMIT').run();
      passFault(`${store}.after-commit`);
      return replies;
    } catch (error) {
      this.#rollBack();
      const wireError = toWireError(error);
      return requests.map(([id]) => [id, undefined, wireError]);
    }
  }

  /** @returns nothing when a part would have to be taken back: then the transaction has been begun anew */
  #writeTogether(requests: readonly WorkerRequest[]): readonly WorkerReply[] | undefined {
    if (this.#carefulGroups > 0) {
      this.#carefulGroups -= 1;
      return undefined;
    }
    const replies: WorkerReply[] = [];
    for (const request of requests) {
      const reply = this.#tryRequest(request);
      if (reply === undefined) {
        this.#carefulGroups = CAREFUL_GROUPS;
        this.#rollBack();
        this.#writer.database.prepare('BEGIN IMMEDIATE').run();
        return undefined;
      }
      replies.push(reply);
    }
    return replies;
  }

  /** @throws what the database refuses; @returns nothing when it has left something behind that has to be taken back */
  #tryRequest(request: WorkerRequest): WorkerReply | undefined {
    const { database, writes } = this.#writer;
    const writtenBefore = database.changedRows;
    try {
      const result = writes[request[1]]?.(...(request[2] as never[]));
      return isTakenBack(result) && database.changedRows !== writtenBefore ? undefined : [request[0], result];
    } catch (error) {
      if (isStoreFailure(error)) throw error;
      return undefined;
    }
  }

  /** @throws what the database refuses; an error of the request alone is its answer */
  #writeAlone(request: WorkerRequest): WorkerReply {
    const { database, writes } = this.#writer;
    database.prepare('SAVEPOINT request').run();
    try {
      const result = writes[request[1]]?.(...(request[2] as never[]));
      if (isTakenBack(result)) this.#takeBack();
      database.prepare('RELEASE request').run();
      return [request[0], result];
    } catch (error) {
      if (isStoreFailure(error)) throw error;
      this.#takeBack();
      database.prepare('RELEASE request').run();
      return [request[0], undefined, toWireError(error)];
    }
  }

  #takeBack(): void {
    this.#writer.forget();
    this.#writer.database.prepare('ROLLBACK TO request').run();
  }

  #rollBack(): void {
    this.#writer.forget();
    // A full disk or an I/O error has rolled back already.
    if (this.#writer.database.isInTransaction) this.#writer.database.prepare('ROLLBACK').run();
  }
}

/** A changeset whose condition did not hold leaves nothing behind, and is an answer, not an error. */
function isTakenBack(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'isTakenBack' in result && result.isTakenBack === true;
}
