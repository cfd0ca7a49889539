import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const USABLE = /^[A-Za-z0-9._:-]{1,64}$/;
const idsByRequest = new WeakMap<IncomingMessage, string>();

/** The id that follows a request through logs, events and runs: the sender's `x-request-id` when usable, or a new one. The same at each call. */
export function requestIdOf(req: IncomingMessage): string {
  const known = idsByRequest.get(req);
  if (known !== undefined) return known;
  const sent = req.headers['x-request-id'];
  const id = typeof sent === 'string' && USABLE.test(sent) ? sent : randomUUID();
  idsByRequest.set(req, id);
  return id;
}
