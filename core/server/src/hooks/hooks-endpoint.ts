import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hub, WebhookAnswer } from '@tendril/engine';
import type { Clock, Json, JsonObject } from '@tendril/plugin-api';
import { createByteBudget } from '../http/byte-budget.ts';
import { clientAddress } from '../http/client-address.ts';
import { asTendrilError, sendProblem, toProblem } from '../http/problem.ts';
import { readBody } from '../http/read-body.ts';
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

/** Makes the endpoint of the addresses of pipelines. */
export function createHooksEndpoint({ hub, clock, limits, proxyHops, onFault }: HooksNeeds): HooksEndpoint {
  const holdBytes = createByteBudget(limits.ingestWaitingBytes);
  const requests = createMinuteBound(limits.hooksPerMinute, clock);
  // Who guesses addresses or signatures is soon heard no more.
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
    const sender = clientAddress(req, proxyHops) ?? 'unknown';
    failures.assertRoom(sender);
    requests.assertRoom(path);
    requests.note(path);
    const receivedAt = clock.now();
    const held = holdBytes();
    try {
      const rawBody = await readBody(req, { bytes: limits.hookBytes, code: 'REQUEST_TOO_LARGE', hold: held.add });
      const query = search === '' ? {} : readQuery(search);
      return await hub.webhooks.receive({ path, headers: textHeaders(req), query, rawBody, receivedAt, requestId });
    } catch (failure) {
      const { code } = asTendrilError(failure);
      if (code === 'NOT_FOUND' || code === 'WEBHOOK_UNVERIFIED') failures.note(sender);
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

/** Node has joined what came several times, but for cookies, which nobody needs here. */
function textHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}

/** A name that comes twice gives a list. */
function readQuery(search: string): JsonObject {
  const values = new Map<string, Json>();
  for (const [name, value] of new URLSearchParams(search)) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(values);
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
