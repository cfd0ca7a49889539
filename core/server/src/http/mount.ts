import type { Application, Request, RequestHandler, Response } from 'express';
import type { Hub, Principal } from '@tendril/engine';
import { keyFromHeader } from '../access/credentials.ts';
import { requireKnownHost } from '../access/known-host.ts';
import { authenticate, requireAccess } from '../access/authenticate.ts';
import type { AuthenticateNeeds } from '../access/authenticate.ts';
import type { ServerLimits } from '../options.ts';
import { principalOf, setPrincipal } from './principal.ts';
import { limitRate } from './rate-limits.ts';
import type { RequestReader } from './read-request.ts';
import { requestIdOf } from './request-id.ts';
import type { Route, Router, RouteRequest } from './route.ts';

/** What routes are mounted with. */
export interface MountNeeds extends AuthenticateNeeds {
  readonly hub: Hub;
  readonly reader: RequestReader;
  readonly limits: ServerLimits;
  readonly proxyHops: number;
  /** Told after every request that may have changed something of a tenant. */
  readonly onChange: (tenantId: string, topic: string) => void;
}

/** Puts the declared routes into the application: who asks, how often, what is asked, then the handler. */
export function mountRouters(app: Application, routers: readonly Router[], needs: MountNeeds): void {
  const shared = limitRate({ perMinute: needs.limits.apiPerMinute, by: 'principal' }, needs.proxyHops);
  for (const router of routers) {
    for (const route of router.routes) {
      app[route.method](
        expressPath(route.path),
        identify(route, needs),
        ...limitersOf(route, shared, needs.proxyHops),
        answer(route, router.tag, needs),
      );
    }
  }
}

function limitersOf(route: Route, shared: RequestHandler, proxyHops: number): readonly RequestHandler[] {
  const own = route.rateLimit === undefined ? [] : [limitRate(route.rateLimit, proxyHops)];
  return route.access === 'public' ? own : [shared, ...own];
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function identify(route: Route, needs: MountNeeds): RequestHandler {
  return async (req, res, next) => {
    // A page of another site can neither know a key nor learn of what is answered to one.
    if (route.access === 'public' || keyFromHeader(req) === undefined) requireKnownHost(req, needs);
    if (route.access !== 'public') {
      const principal = await authenticate(req, needs);
      requireAccess(principal, route.access, needs.operatorTenantId);
      setPrincipal(res, principal);
    }
    next();
  };
}

function answer(route: Route, topic: string, needs: MountNeeds): RequestHandler {
  return async (req, res) => {
    const principal = principalOf(res);
    if ('write' in route) {
      await route.write(req, res, principal === undefined ? undefined : await readRequest(req, route, principal, needs));
      return;
    }
    if (principal === undefined) throw new Error('A route that answers with a value has a principal.');
    const value = await route.handle(await readRequest(req, route, principal, needs));
    if (route.method !== 'get') needs.onChange(principal.tenantId, topic);
    sendValue(res, route, value);
  };
}

async function readRequest(
  req: Request,
  route: Route,
  principal: Principal,
  needs: MountNeeds,
): Promise<RouteRequest<unknown, unknown, unknown>> {
  const query = needs.reader.query(req, route);
  const idempotencyKey = needs.reader.idempotencyKey(req, route);
  const body = await needs.reader.body(req, route);
  const tenant = await needs.hub.tenant(principal.tenantId);
  return {
    tenant,
    principal,
    path: req.params,
    query,
    body,
    requestId: requestIdOf(req),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

function sendValue(res: Response, route: Route, value: unknown): void {
  if (route.answer === undefined) res.status(route.status ?? 204).end();
  else res.status(route.status ?? 200).json(value);
}
