import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { GroupCommit } from './group-commit.ts';
import type { Writer } from './group-commit.ts';
import { toWireError } from './store-error.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

const REQUESTS_OF_GROUP = 1_000;

/** Serves writes in this thread. All that waits shares one commit; while that one goes to the disk the next group gathers. */
export function serveWrites(writer: Writer): void {
  const port = parentPort;
  const group = new GroupCommit(writer);
  port?.on('message', (first: readonly WorkerRequest[]) => {
    const requests = [...first];
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      requests.push(...(next.message as readonly WorkerRequest[]));
    }
    const writes = requests.filter(([, method]) => Object.hasOwn(writer.writes, method));
    for (let start = 0; start < writes.length; start += REQUESTS_OF_GROUP) {
      port.postMessage(group.commit(writes.slice(start, start + REQUESTS_OF_GROUP)));
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
