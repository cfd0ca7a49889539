import { parentPort } from 'node:worker_threads';
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

/** Serves reads in this thread, one after another, each on the newest snapshot. Never returns to idle work. */
export function serveReads(methods: Methods): void {
  parentPort?.on('message', (requests: readonly WorkerRequest[]) => {
    parentPort?.postMessage(requests.map((request) => answer(methods, request)));
  });
}
