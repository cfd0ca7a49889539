import type { IncomingMessage, ServerResponse } from 'node:http';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { App, Hub, IngestOutcome, Principal, RawCall } from '@tendril/engine';
import { keyFromHeader } from '../access/credentials.ts';
import { createByteBudget } from '../http/byte-budget.ts';
import { clientAddress } from '../http/client-address.ts';
import { asTendrilError, sendProblem, toProblem } from '../http/problem.ts';
import { readBody } from '../http/read-body.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { ServerLimits } from '../options.ts';
import { answerBatch, requireTaken } from './answer.ts';
import type { BatchAnswer } from './answer.ts';
import { allowOrigin, answerPreflight, requireAllowedOrigin } from './cross-origin.ts';
import { parseCalls, RefusedCall } from './parse-calls.ts';
import type { ParsedRequest } from './parse-calls.ts';
import { findIngestPath } from './paths.ts';
import type { IngestPath } from './paths.ts';

/** What the endpoint needs. */
export interface IngestNeeds {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly proxyHops: number;
  /** Told of every failure that is not the sender's. */
  readonly onFault: (failure: unknown, requestId: string) => void;
}

/** The hot path: everything between a socket and `ingest.accept`, without any generic middleware. */
export interface IngestEndpoint {
  /** Answers when the request is for a path of the tracking API. @returns the path that it took, as a metric's label */
  take(req: IncomingMessage, res: ServerResponse): string | undefined;
}

interface Sender {
  readonly app: App;
  readonly principal: Principal;
}

/** Makes the endpoint of Segment's HTTP tracking API. */
export function createIngestEndpoint({ hub, clock, limits, proxyHops, onFault }: IngestNeeds): IngestEndpoint {
  const holdBytes = createByteBudget(limits.ingestWaitingBytes);

  async function answer(req: IncomingMessage, res: ServerResponse, path: IngestPath): Promise<void> {
    const requestId = requestIdOf(req);
    const { origin } = req.headers;
    if (origin !== undefined) allowOrigin(res, origin);
    try {
      sendSuccess(res, requestId, await takeIn(req, path, requestId));
    } catch (failure) {
      const error = asTendrilError(failure);
      if (error.code === 'INTERNAL') onFault(failure, requestId);
      if (error.code === 'ORIGIN_REFUSED') res.removeHeader('access-control-allow-origin');
      sendProblem(res, toProblem(error, requestId));
    }
  }

  async function takeIn(req: IncomingMessage, path: IngestPath, requestId: string): Promise<BatchAnswer> {
    const receivedAt = clock.now();
    const headerKey = keyFromHeader(req);
    const known = headerKey === undefined ? undefined : await identify(headerKey, req.headers.origin);
    const held = holdBytes();
    try {
      const bytes = await readBody(req, { bytes: limits.batchBytes, code: 'BATCH_TOO_LARGE', hold: held.add });
      const isTooLarge = path.takes === 'call' && bytes.length > limits.eventBytes;
      if (isTooLarge) throw new TendrilError('EVENT_TOO_LARGE', { limitBytes: limits.eventBytes });
      const parsed = parseCalls(bytes, path);
      const sender = known ?? (await identify(parsed.writeKey, req.headers.origin));
      const outcomes = await accept(sender, parsed, describe(req, path, { receivedAt, requestId, proxyHops }));
      if (path.takes === 'call') requireTaken(outcomes[0]);
      return answerBatch(outcomes);
    } finally {
      held.release();
    }
  }

  async function identify(key: string | undefined, origin: string | undefined): Promise<Sender> {
    if (key === undefined) throw new TendrilError('KEY_MISSING');
    const principal = await hub.keys.authenticate(key);
    if (principal.app === undefined) throw new TendrilError('KEY_SCOPE_MISSING', { expected: 'a write key' });
    requireAllowedOrigin(principal.app, origin);
    return { app: principal.app, principal };
  }

  async function accept(sender: Sender, parsed: ParsedRequest, request: RequestFacts): Promise<readonly IngestOutcome[]> {
    const { ingest } = await hub.tenant(sender.principal.tenantId);
    const calls = parsed.calls.filter(isRawCall);
    const facts = parsed.sentAt === undefined ? request : { ...request, sentAt: parsed.sentAt };
    const taken = calls.length === 0 ? [] : await ingest.accept(sender.app, calls, facts);
    return calls.length === parsed.calls.length ? taken : weave(parsed.calls, taken);
  }

  return {
    take(req, res) {
      const path = findIngestPath(req.url ?? '');
      if (path === undefined) return undefined;
      if (req.method === 'OPTIONS') answerPreflight(req, res);
      else if (req.method === 'POST') void answer(req, res, path);
      else return undefined;
      return path.path;
    },
  };
}

interface RequestFacts {
  readonly receivedAt: number;
  readonly requestId: string;
  readonly isImport?: boolean;
  readonly ip?: string;
  readonly userAgent?: string;
}

function describe(
  req: IncomingMessage,
  path: IngestPath,
  { proxyHops, ...facts }: { readonly receivedAt: number; readonly requestId: string; readonly proxyHops: number },
): RequestFacts {
  const ip = clientAddress(req, proxyHops);
  const userAgent = req.headers['user-agent'];
  return {
    ...facts,
    ...(path.isImport ? { isImport: true } : {}),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function isRawCall(call: RawCall | RefusedCall): call is RawCall {
  return !(call instanceof RefusedCall);
}

// Puts the outcomes of the calls that were handed on back between those that were not.
function weave(calls: readonly (RawCall | RefusedCall)[], taken: readonly IngestOutcome[]): readonly IngestOutcome[] {
  const outcomes = taken.values();
  return calls.flatMap((call) => (call instanceof RefusedCall ? [call.outcome] : (outcomes.next().value ?? [])));
}

function sendSuccess(res: ServerResponse, requestId: string, answer: BatchAnswer): void {
  const body = Buffer.from(JSON.stringify(answer));
  res.setHeader('x-request-id', requestId);
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
}
