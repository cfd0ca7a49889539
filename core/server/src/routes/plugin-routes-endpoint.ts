import type { IncomingMessage, ServerResponse } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, ErrorDetails, Json } from '@tendril/plugin-api';
import type { FoundPluginRoute, PluginRoute } from '@tendril/engine';
import { createMinuteBound } from '../hooks/hook-bounds.ts';
import { createByteBudget } from '../http/byte-budget.ts';
import { clientAddress } from '../http/client-address.ts';
import { findHazard, parseJson } from '../http/parse-json.ts';
import { asTendrilError, sendProblem, toProblem } from '../http/problem.ts';
import { readBody } from '../http/read-body.ts';
import { readQuery, textHeaders } from '../http/read-query.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { ServerLimits } from '../options.ts';
import { labelOf, readPluginAddress } from './plugin-routes-address.ts';
import type { PluginAddress } from './plugin-routes-address.ts';
import { secure, sendPluginAnswer } from './plugin-routes-answer.ts';
import { findCaller } from './plugin-routes-caller.ts';
import type { CallerNeeds } from './plugin-routes-caller.ts';

/** What the endpoint needs. */
export interface PluginRoutesNeeds extends CallerNeeds {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  /** Told of every failure that is not the sender's. */
  readonly onFault: (failure: unknown, requestId: string) => void;
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const PREFLIGHT_SECONDS = '86400';
/** What proves who the caller is, is nobody else's business. */
const PROOF: readonly string[] = ['authorization', 'proxy-authorization', 'cookie', 'x-tendril-csrf'];
/** Of these a stranger may know what was wrong; of all else only that it was. */
const TOLD_TO_ANYBODY: ReadonlySet<string> = new Set([
  'REQUEST_MALFORMED',
  'REQUEST_TOO_LARGE',
  'INPUT_INVALID',
  'ORIGIN_REFUSED',
  'KEY_SCOPE_MISSING',
]);
const KEY_FAILURES: ReadonlySet<string> = new Set(['KEY_MISSING', 'KEY_INVALID', 'SESSION_MISSING', 'ROUTE_UNKNOWN']);

/** A request for something below a plugin's prefix. */
export interface PluginRequest {
  /** A metric's label. */
  readonly label: string;
  readonly address: PluginAddress;
  /** Routes of this path, whatever the method. */
  readonly found: readonly FoundPluginRoute[];
}

/** Answers what is asked of the routes of plugins. */
export interface PluginRoutesEndpoint {
  /**
   * Looks what a request asks for, for whoever answers it at once: most routes need nothing that generic middleware knows.
   *
   * @returns `undefined` where there is no route, and where one needs a session, which has to be read before
   */
  findSessionless(req: IncomingMessage): PluginRequest | undefined;
  /** Answers, whatever happens. @param asked what was found; looked up without it */
  answer(req: IncomingMessage, res: ServerResponse, asked?: PluginRequest): Promise<void>;
}

/** Makes the endpoint of the routes of plugins. */
export function createPluginRoutesEndpoint(needs: PluginRoutesNeeds): PluginRoutesEndpoint {
  const { hub, clock, limits, proxyHops, publicUrl, onFault } = needs;
  const ownHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;
  const holdBytes = createByteBudget(limits.ingestWaitingBytes);
  const requests = createMinuteBound(limits.pluginRoutesPerMinute, clock);
  const fromApps = createMinuteBound(limits.writeKeyRoutesPerMinute, clock);
  const failures = createMinuteBound(limits.hookFailuresPerMinute, clock);

  function find(req: IncomingMessage): PluginRequest | undefined {
    const address = readPluginAddress(req.url ?? '');
    if (address === undefined) return undefined;
    const found = hub.pluginRoutes.find(address.plugin, address.path);
    return found.length === 0 ? undefined : { label: labelOf(address), address, found };
  }

  async function answer(req: IncomingMessage, res: ServerResponse, asked = find(req)): Promise<void> {
    const requestId = requestIdOf(req);
    secure(res);
    let route: PluginRoute | undefined;
    try {
      if (asked === undefined) throw new TendrilError('ROUTE_UNKNOWN');
      const { address, found } = asked;
      if (req.method === 'OPTIONS') {
        answerOptions(req, res, found);
        return;
      }
      const matching = matchMethod(req.method ?? '', found);
      route = matching.route;
      await run({ req, res }, matching, address, requestId);
    } catch (failure) {
      const error = asTendrilError(failure);
      if (error.code === 'INTERNAL') onFault(failure, requestId);
      if (error.code === 'ORIGIN_REFUSED') res.removeHeader('access-control-allow-origin');
      sendProblem(res, { ...toProblem(error, requestId), details: detailsFor(route, error) });
    }
  }

  async function run(
    { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
    { route, parameters }: FoundPluginRoute,
    address: PluginAddress,
    requestId: string,
  ): Promise<void> {
    const sender = ipKeyGenerator(clientAddress(req, proxyHops) ?? 'unknown');
    failures.assertRoom(sender);
    const caller = await findCaller({ req, res }, route, address, needs, sender).catch((failure: unknown) => {
      if (KEY_FAILURES.has(asTendrilError(failure).code)) failures.note(sender);
      throw failure;
    });
    const counted = `${caller.tenantId}/${route.plugin}/${caller.id}`;
    const bound = route.auth === 'write_key' ? fromApps : requests;
    bound.assertRoom(counted);
    bound.note(counted);
    if (!(await hub.pluginRoutes.isOpen(caller.tenantId, route.plugin))) {
      failures.note(sender);
      throw new TendrilError('ROUTE_UNKNOWN');
    }
    const idempotencyKey = readIdempotencyKey(req);
    const held = holdBytes();
    try {
      const body = route.takesBody ? await readInput(req, held.add) : undefined;
      const reply = await hub.pluginRoutes.call(caller.tenantId, route, {
        parameters,
        query: address.search === '' ? {} : readQuery(address.search),
        headers: headersOf(req, ownHost),
        ...(body === undefined ? {} : { body }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        caller: caller.id,
        isTest: caller.isTest,
        requestId,
      });
      sendPluginAnswer(res, reply, { auth: route.auth, isHead: req.method === 'HEAD' });
    } finally {
      held.release();
    }
  }

  async function readInput(req: IncomingMessage, hold: (count: number) => void): Promise<Json> {
    const bytes = await readBody(req, { bytes: limits.pluginRouteBytes, code: 'REQUEST_TOO_LARGE', hold });
    if (bytes.length === 0) return {};
    const type = req.headers['content-type'] ?? 'application/json';
    if (FORM_TYPE.test(type)) return readQuery(bytes.toString('utf8'));
    if (!JSON_TYPE.test(type))
      throw new TendrilError('REQUEST_MALFORMED', {
        field: 'content-type',
        expected: 'application/json or application/x-www-form-urlencoded',
      });
    const value = parseJson(bytes);
    const hazard = findHazard(value);
    if (hazard !== undefined) throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: hazard });
    return value;
  }

  return {
    findSessionless: (req) => {
      const asked = find(req);
      return asked?.found.some(({ route }) => route.auth === 'session') === true ? undefined : asked;
    },
    answer,
  };
}

/** A HEAD is answered as the GET, without the body. */
function matchMethod(method: string, found: readonly FoundPluginRoute[]): FoundPluginRoute {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const matching = found.find(({ route }) => route.method === wanted);
  if (matching === undefined) throw new TendrilError('ROUTE_UNKNOWN', { allowed: methodsOf(found) });
  return matching;
}

function methodsOf(found: readonly FoundPluginRoute[]): readonly string[] {
  const methods = new Set<string>(found.map(({ route }) => route.method));
  return [...methods, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'];
}

/** A preflight carries no key: it is told what may be asked, and the request itself is what an origin is checked at. */
function answerOptions(req: IncomingMessage, res: ServerResponse, found: readonly FoundPluginRoute[]): void {
  const { origin } = req.headers;
  res.setHeader('allow', methodsOf(found).join(', '));
  const open = found.filter(({ route }) => route.auth === 'none' || route.auth === 'write_key');
  if (origin !== undefined && open.length > 0) {
    res.setHeader('access-control-allow-origin', origin);
    res.setHeader('vary', 'origin');
    res.setHeader('access-control-allow-methods', methodsOf(open).join(', '));
    res.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key, x-request-id');
    res.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  }
  res.writeHead(204);
  res.end();
}

function readIdempotencyKey(req: IncomingMessage): string | undefined {
  const key = req.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
    throw new TendrilError('INPUT_INVALID', { in: 'header', field: 'idempotency-key' });
  return key;
}

/** Without what proves who asks. Plugins make links with `host`, which a sender may write as it likes: where ours is known, it is that. */
function headersOf(req: IncomingMessage, host: string | undefined): Readonly<Record<string, string>> {
  const headers = textHeaders(req.headers);
  for (const name of PROOF) delete headers[name];
  if (host !== undefined) headers['host'] = host;
  return headers;
}

/** How a plugin failed is for those who look after it. */
function detailsFor(route: PluginRoute | undefined, { code, details }: TendrilError): ErrorDetails {
  const isTrusted = route?.auth === 'secret_key' || route?.auth === 'session';
  if (isTrusted || route === undefined || TOLD_TO_ANYBODY.has(code)) return details;
  const { retryAfterMs, retryAfterSeconds } = details;
  return { ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
