import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import type { FaultPoint } from '../fault-points.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { isStoreFailure, toWireError } from './store-error.ts';
import type { Methods, WorkerReply, WorkerRequest } from './worker-messages.ts';

const REQUESTS_OF_GROUP = 1_000;

/** What a writer thread serves. */
export interface Writer {
  readonly store: 'log' | 'state';
  readonly database: SqliteDatabase;
  /** Each runs inside the group's transaction, in a savepoint of its own. */
  readonly writes: Methods;
  /** Run between two groups; may be asynchronous. */
  readonly controls: Methods;
  /** Called when a transaction, or a part of it, was taken back: what was read in it is no longer true. */
  readonly forget: () => void;
  readonly passFault: (point: FaultPoint) => void;
}

/** Serves writes in this thread. All that waits shares one commit; while that one goes to the disk the next group gathers. */
export function serveWrites(writer: Writer): void {
  const port = parentPort;
  port?.on('message', (first: readonly WorkerRequest[]) => {
    const requests = [...first];
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      requests.push(...(next.message as readonly WorkerRequest[]));
    }
    const writes = requests.filter(([, method]) => Object.hasOwn(writer.writes, method));
    for (let start = 0; start < writes.length; start += REQUESTS_OF_GROUP) {
      port.postMessage(commitGroup(writer, writes.slice(start, start + REQUESTS_OF_GROUP)));
      writer.passFault(`${writer.store}.after-answer`);
    }
    for (const request of requests) {
      if (Object.hasOwn(writer.controls, request[1])) void control(writer, request).then((reply) => port.postMessage([reply]));
    }
  });
}

async function control(writer: Writer, [id, method, args]: WorkerRequest): Promise<WorkerReply> {
  try {
    return [id, await writer.controls[method]?.(...(args as never[]))];
  } catch (error) {
    return [id, undefined, toWireError(error)];
  }
}

function commitGroup(writer: Writer, requests: readonly WorkerRequest[]): readonly WorkerReply[] {
  const { database, store, passFault } = writer;
  try {
    database.prepare('BEGIN IMMEDIATE').run();
    passFault(`${store}.before-insert`);
    const replies = requests.map((request) => writeOne(writer, request));
    passFault(`${store}.before-commit`);
    database.prepare('COMMIT').run();
    passFault(`${store}.after-commit`);
    return replies;
  } catch (error) {
    rollBack(writer);
    const wireError = toWireError(error);
    return requests.map(([id]) => [id, undefined, wireError]);
  }
}

function rollBack(writer: Writer): void {
  writer.forget();
  // A full disk or an I/O error has rolled back already.
  if (writer.database.isInTransaction) writer.database.prepare('ROLLBACK').run();
}

/** @throws what the database refuses; an error of the request alone is its answer */
function writeOne(writer: Writer, request: WorkerRequest): WorkerReply {
  const { database } = writer;
  database.prepare('SAVEPOINT request').run();
  try {
    const result = writer.writes[request[1]]?.(...(request[2] as never[]));
    if (isTakenBack(result)) takeBack(writer);
    database.prepare('RELEASE request').run();
    return [request[0], result];
  } catch (error) {
    if (isStoreFailure(error)) throw error;
    takeBack(writer);
    database.prepare('RELEASE request').run();
    return [request[0], undefined, toWireError(error)];
  }
}

/** A changeset whose condition did not hold leaves nothing behind, and is an answer, not an error. */
function isTakenBack(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'isTakenBack' in result && result.isTakenBack === true;
}

function takeBack(writer: Writer): void {
  writer.forget();
  writer.database.prepare('ROLLBACK TO request').run();
}
