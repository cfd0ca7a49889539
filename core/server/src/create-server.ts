import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import type { ErrorRequestHandler, Express, Request } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import { authenticate } from './access/authenticate.ts';
import { keyFromHeader } from './access/credentials.ts';
import { requireKnownHost } from './access/known-host.ts';
import { createSessions } from './access/sessions.ts';
import { listen } from './http/listen.ts';
import type { Listening } from './http/listen.ts';
import { createHooksEndpoint } from './hooks/hooks-endpoint.ts';
import { mountRouters } from './http/mount.ts';
import { describeApi } from './http/openapi.ts';
import { asTendrilError, sendProblem, toProblem } from './http/problem.ts';
import { createRequestReader } from './http/read-request.ts';
import { requestIdOf } from './http/request-id.ts';
import type { Router } from './http/route.ts';
import { createValidators } from './http/schemas.ts';
import { createSecureHeaders } from './http/secure-headers.ts';
import { createServerMetrics } from './http/server-metrics.ts';
import { createIngestEndpoint } from './ingest/ingest-endpoint.ts';
import { DEFAULT_LIMITS } from './options.ts';
import type { SandboxView, ServerOptions } from './options.ts';
import { serveDashboard } from './pages/dashboard.ts';
import { actionsRouter } from './routes/actions-router.ts';
import { agentsRouter } from './routes/agents-router.ts';
import { approvalsRouter } from './routes/approvals-router.ts';
import { appsRouter } from './routes/apps-router.ts';
import { createAskRouter } from './routes/ask-router.ts';
import { backfillsRouter } from './routes/backfills-router.ts';
import { broadcastsRouter } from './routes/broadcasts-router.ts';
import { connectionsRouter } from './routes/connections-router.ts';
import { consumersRouter } from './routes/consumers-router.ts';
import { createContributionsRouter } from './routes/contributions-router.ts';
import { createDocumentRouter } from './routes/document-router.ts';
import { eventSchemasRouter } from './routes/event-schemas-router.ts';
import { eventsRouter } from './routes/events-router.ts';
import { governorRouter } from './routes/governor-router.ts';
import { createHealthRouter } from './routes/health-router.ts';
import { createHooksRouter } from './routes/hooks-router.ts';
import { createIngestRouter } from './routes/ingest-router.ts';
import { leadsRouter } from './routes/leads-router.ts';
import { createOverviewRouter } from './routes/overview-router.ts';
import { peopleRouter } from './routes/people-router.ts';
import { pipelinesRouter } from './routes/pipelines-router.ts';
import { PLUGIN_PATHS } from './routes/plugin-routes-address.ts';
import { createPluginRoutesEndpoint } from './routes/plugin-routes-endpoint.ts';
import { createPluginsRouter } from './routes/plugins-router.ts';
import { createRehearsalEndpoint } from './routes/rehearsal-endpoint.ts';
import { runsRouter } from './routes/runs-router.ts';
import { createSandboxRouter } from './routes/sandbox-router.ts';
import { createSessionRouter } from './routes/session-router.ts';
import { createStreamRouter } from './routes/stream-router.ts';
import { createTenantsRouter } from './routes/tenants-router.ts';
import { createUnsubscribeRouter } from './routes/unsubscribe-router.ts';
import { createPluginCalls } from './stream/plugin-calls.ts';
import { createOverview } from './stream/overview.ts';
import { createStreams } from './stream/streams.ts';

/** The server before it listens. */
export interface TendrilServer {
  readonly app: Express;
  /** @param port 0 picks a free one */
  listen(port: number, host: string): Promise<Listening>;
  /** Token for the printed link `{url}/open?token=…`, good for an hour unless told. Whoever holds it is in: print it, never log it. */
  createLoginToken(options?: { readonly tenantId?: string; readonly ttlSeconds?: number }): string;
  /** The API as an OpenAPI 3.1 document. */
  describe(serverUrl: string): object;
  /** Refuses new work with 503 and ends streams; open requests go on. `close` of what listens waits for them. */
  drain(): void;
}

const API_VERSION = '1.0.0';
const SECRET_LENGTH = 32;

/**
 * Puts the hub behind HTTP: ingest, API, pages. Opens nothing until it is told to listen.
 *
 * @throws TendrilError CONFIG_INVALID when the session secret is too short
 */
export function createServer(options: ServerOptions): TendrilServer {
  const { hub, log, clock, defaultTenantId, publicUrl, isProduction } = options;
  if (options.sessionSecret.length < SECRET_LENGTH)
    throw new TendrilError('CONFIG_INVALID', { setting: 'sessionSecret', minLength: SECRET_LENGTH });
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const isSecure = publicUrl?.startsWith('https:') === true;
  const sessions = createSessions({ secret: options.sessionSecret, clock, isSecure });
  const metrics = createServerMetrics();
  const proxyHops = options.proxyHops ?? 0;
  const needs = { hub, sessions, publicUrl, operatorTenantId: defaultTenantId };
  let isDraining = false;

  const onFault = (failure: unknown, requestId: string): void => log.error({ err: failure, requestId }, 'request failed');
  const endpoint = createIngestEndpoint({ hub, clock, limits, proxyHops, onFault });
  const hooks = createHooksEndpoint({ hub, clock, limits, proxyHops, onFault });
  const pluginRoutes = createPluginRoutesEndpoint({ ...needs, clock, limits, proxyHops, onFault });
  const setSecureHeaders = createSecureHeaders(isSecure);
  const urlOf = (req: Request): string => publicUrl ?? `${req.protocol}://${req.get('host') ?? 'localhost'}`;
  const sandboxOf = (tenantId: string): SandboxView | undefined => (tenantId === defaultTenantId ? options.sandbox : undefined);
  const readOverview = createOverview({ clock, sandboxOf });
  const streams = createStreams({ limitPerTenant: limits.streamsPerTenant, readOverview, onFault });
  const pluginCalls = createPluginCalls();
  const isStillIn = async (req: Request): Promise<boolean> => {
    if (keyFromHeader(req) === undefined) return sessions.isOpen(req);
    try {
      return (await authenticate(req, needs)).scopes.length > 0;
    } catch (failure) {
      if (TendrilError.is(failure) && failure.code === 'KEY_INVALID') return false;
      throw failure;
    }
  };
  const describe = (serverUrl: string): object => describeApi(routers, API_VERSION, serverUrl);

  const health = createHealthRouter({ ...needs, metrics, isProduction, isDraining: () => isDraining });
  const whole = (): readonly Router[] => [
    createIngestRouter({ hub, endpoint, urlOf }),
    createHooksRouter(hooks),
    eventsRouter,
    eventSchemasRouter,
    peopleRouter,
    leadsRouter,
    pipelinesRouter,
    createAskRouter(createRehearsalEndpoint(onFault)),
    runsRouter,
    approvalsRouter,
    broadcastsRouter,
    backfillsRouter,
    actionsRouter,
    agentsRouter,
    connectionsRouter,
    appsRouter,
    createPluginsRouter({ hub, calls: pluginCalls, isStillIn, onFault }),
    createContributionsRouter(hub),
    consumersRouter,
    governorRouter,
    createOverviewRouter(readOverview),
    createStreamRouter(streams, isStillIn),
    createSandboxRouter(sandboxOf),
    createTenantsRouter(hub),
    createSessionRouter(needs),
    createUnsubscribeRouter(hub),
    health,
    createDocumentRouter(describe, urlOf),
  ];
  const isWhole = options.answersOnlyHealth !== true;
  const routers = isWhole ? whole() : [health];

  /** Everything that must not stand in the way of ingest stays behind it. @returns whether the request was taken */
  function takeIngest(req: IncomingMessage, res: ServerResponse): boolean {
    if (!isWhole) return false;
    const startedAt = performance.now();
    if (isDraining) return refuseWhileDraining(req, res);
    const route = endpoint.take(req, res) ?? hooks.take(req, res);
    if (route === undefined) return false;
    res.on('finish', () => metrics.observe(route, req.method ?? '', res.statusCode, performance.now() - startedAt));
    return true;
  }

  /** Pages ask plugins while somebody waits: they are spared what only sessions and the API need. @returns whether the request was taken */
  function takePluginRoute(req: IncomingMessage, res: ServerResponse): boolean {
    const asked = isWhole ? pluginRoutes.findSessionless(req) : undefined;
    if (asked === undefined) return false;
    observe(req, res, () => asked.label);
    setSecureHeaders(res);
    void pluginRoutes.answer(req, res, asked);
    return true;
  }

  function observe(req: IncomingMessage, res: ServerResponse, routeOf: () => string): void {
    const startedAt = performance.now();
    const requestId = requestIdOf(req);
    const { method = '' } = req;
    res.setHeader('x-request-id', requestId);
    res.on('finish', () => {
      const route = routeOf();
      const durationMs = performance.now() - startedAt;
      metrics.observe(route, method, res.statusCode, durationMs);
      log.debug({ requestId, route, method, status: res.statusCode, durationMs }, 'request answered');
    });
  }

  const take = (req: IncomingMessage, res: ServerResponse): boolean => takeIngest(req, res) || takePluginRoute(req, res);

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', proxyHops);
  app.use((req, res, next) => {
    if (!take(req, res)) next();
  });
  app.use((req, res, next) => {
    observe(req, res, () => declaredRouteOf(req));
    setSecureHeaders(res);
    next();
  });
  app.use(...sessions.middleware);
  if (isWhole) for (const path of PLUGIN_PATHS) app.all(path, (req, res) => pluginRoutes.answer(req, res));
  mountRouters(app, routers, {
    ...needs,
    limits,
    proxyHops,
    reader: createRequestReader(createValidators(), limits.apiBytes),
    onChange: streams.noteChange,
  });
  app.use((req, _res, next) => {
    requireKnownHost(req, { publicUrl, proxyHops });
    next();
  });
  if (isWhole && options.dashboardFolder !== undefined)
    serveDashboard(app, { folder: options.dashboardFolder, hasSession: (req) => sessions.tenantOf(req) !== undefined });
  app.use(() => {
    throw new TendrilError('ROUTE_UNKNOWN');
  });
  app.use(answerFailures(onFault));

  return {
    app,
    listen: (port, host) =>
      listen(
        (req, res) => {
          if (!take(req, res)) app(req, res);
        },
        port,
        host,
      ),
    createLoginToken: ({ tenantId = defaultTenantId, ttlSeconds } = {}) => sessions.tokens.create(tenantId, ttlSeconds),
    describe,
    drain() {
      isDraining = true;
      streams.closeAll();
      pluginCalls.closeAll();
    },
  };
}

const ANSWERED_WHILE_DRAINING: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

function refuseWhileDraining(req: IncomingMessage, res: ServerResponse): boolean {
  if (ANSWERED_WHILE_DRAINING.has(req.url ?? '')) return false;
  res.setHeader('connection', 'close');
  sendProblem(res, toProblem(new TendrilError('HUB_STOPPING'), requestIdOf(req)));
  return true;
}

/** The route as declared: the path as it came holds ids, and tokens at that. */
function declaredRouteOf({ route }: Request): string {
  const matched: unknown = route;
  return hasPath(matched) ? matched.path : 'other';
}

function hasPath(route: unknown): route is { readonly path: string } {
  return typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string';
}

function answerFailures(onFault: (failure: unknown, requestId: string) => void): ErrorRequestHandler {
  return (failure: unknown, req, res, _next) => {
    const requestId = requestIdOf(req);
    const error = asTendrilError(failure);
    if (error.code === 'INTERNAL') onFault(failure, requestId);
    sendProblem(res, toProblem(error, requestId));
  };
}
