import { parentPort } from 'node:worker_threads';
import type { SqliteDatabase } from './sqlite-database.ts';
import { toWireError } from './store-error.ts';
import type { Methods, WorkerReply, WorkerRequest } from './worker-messages.ts';

/** Answers one request. */
export function answer(methods: Methods, [id, method, args]: WorkerRequest): WorkerReply {
  try {
    return [id, methods[method]?.(...(args as never[]))];
  } catch (error) {
    return [id, undefined, toWireError(error)];
  }
}

/**
 * Serves reads in this thread, one after another. Those of one message read one snapshot, taken when the message has come: each
 * statement that begins its own asks for locks and forgets what pages it has read.
 */
export function serveReads(database: SqliteDatabase, methods: Methods): void {
  parentPort?.on('message', (requests: readonly WorkerRequest[]) => {
    parentPort?.postMessage(readTogether(database, methods, requests));
  });
}

/** A file that cannot be read is the answer to all of them, and not the end of the thread. */
export function readTogether(
  database: Pick<SqliteDatabase, 'inSnapshot'>,
  methods: Methods,
  requests: readonly WorkerRequest[],
): readonly WorkerReply[] {
  try {
    return database.inSnapshot(() => requests.map((request) => answer(methods, request)));
  } catch (error) {
    const wireError = toWireError(error);
    return requests.map(([id]) => [id, undefined, wireError]);
  }
}
