import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hub, WebhookAnswer } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Json } from '@tendril/plugin-api';
import { ipKeyGenerator } from 'express-rate-limit';
import { createByteBudget } from '../http/byte-budget.ts';
import { clientAddress } from '../http/client-address.ts';
import { asTendrilError, sendProblem, toProblem } from '../http/problem.ts';
import { readBody } from '../http/read-body.ts';
import { readQuery, textHeaders } from '../http/read-query.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { ServerLimits } from '../options.ts';
import { createMinuteBound } from './hook-bounds.ts';

/** What the endpoint needs. */
export interface HooksNeeds {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly proxyHops: number;
  /** Told of every failure that is not the sender's. */
  readonly onFault: (failure: unknown, requestId: string) => void;
}

/** Everything between a socket and the receiver of webhooks, without any generic middleware. No other site's page may read its answers. */
export interface HooksEndpoint {
  /** Answers when the request is for the address of a pipeline. @returns its route, as a metric's label */
  take(req: IncomingMessage, res: ServerResponse): string | undefined;
}

/** The route as the API's document shows it. */
export const HOOKS_PATH = '/hooks/{tenant}/{token}';
const PREFIX = '/hooks/';
/** The prefix, an id of a tenant and a token of 32 characters are shorter. */
const LONGEST_PATH = 128;

/** Makes the endpoint of the addresses of pipelines. */
export function createHooksEndpoint({ hub, clock, limits, proxyHops, onFault }: HooksNeeds): HooksEndpoint {
  const holdBytes = createByteBudget(limits.ingestWaitingBytes);
  const requests = createMinuteBound(limits.hooksPerMinute, clock);
  // Who guesses addresses of a tenant, or proofs of an address, is soon heard no more there. Elsewhere still: services send
  // for many from the same network, and whoever has one send to a wrong address must not keep it from all others.
  const failures = createMinuteBound(limits.hookFailuresPerMinute, clock);

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = requestIdOf(req);
    try {
      send(res, requestId, await takeIn(req, requestId));
    } catch (failure) {
      const error = asTendrilError(failure);
      if (error.code === 'INTERNAL') onFault(failure, requestId);
      sendProblem(res, toProblem(error, requestId));
    }
  }

  async function takeIn(req: IncomingMessage, requestId: string): Promise<WebhookAnswer> {
    const [path = '', search = ''] = (req.url ?? '').split('?', 2);
    // Whoever has one address of IPv6 has a whole network of them: they count as one.
    const sender = ipKeyGenerator(clientAddress(req, proxyHops) ?? 'unknown');
    const guessing = `${sender} ${tenantPartOf(path)}`;
    const proving = `${sender} ${path}`;
    // What cannot be an address is not counted by its name, which may be long.
    if (path.length > LONGEST_PATH) throw new TendrilError('NOT_FOUND');
    failures.assertRoom(guessing);
    failures.assertRoom(proving);
    requests.assertRoom(path);
    requests.note(path);
    const receivedAt = clock.now();
    const held = holdBytes();
    try {
      const rawBody = await readBody(req, { bytes: limits.hookBytes, code: 'REQUEST_TOO_LARGE', hold: held.add });
      const query = search === '' ? {} : readQuery(search);
      return await hub.webhooks.receive({ path, headers: textHeaders(req.headers), query, rawBody, receivedAt, requestId });
    } catch (failure) {
      const { code } = asTendrilError(failure);
      if (code === 'NOT_FOUND') failures.note(guessing);
      if (code === 'WEBHOOK_UNVERIFIED') failures.note(proving);
      throw failure;
    } finally {
      held.release();
    }
  }

  return {
    take(req, res) {
      if (req.method !== 'POST' || req.url?.startsWith(PREFIX) !== true) return undefined;
      void answer(req, res);
      return HOOKS_PATH;
    },
  };
}

/** `/hooks/acme` of `/hooks/acme/…`. */
function tenantPartOf(path: string): string {
  const end = path.indexOf('/', PREFIX.length);
  return end === -1 ? path : path.slice(0, end);
}

function send(res: ServerResponse, requestId: string, answer: WebhookAnswer): void {
  const [status, value] = toBody(answer);
  const body = JSON.stringify(value);
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...('runId' in answer && { 'x-tendril-run': answer.runId }),
  });
  res.end(body);
}

function toBody(answer: WebhookAnswer): readonly [status: number, body: Json] {
  switch (answer.kind) {
    case 'result':
      return [200, answer.output];
    case 'accepted':
      return [202, answer.runId === undefined ? { status: 'accepted' } : { status: 'accepted', runId: answer.runId }];
    case 'ignored':
      return [200, { status: 'ignored', reason: answer.reason }];
  }
}
