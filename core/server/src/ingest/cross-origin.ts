import type { IncomingMessage, ServerResponse } from 'node:http';
import { TendrilError } from '@tendril/plugin-api';
import type { App } from '@tendril/engine';

const ONE_DAY_SECONDS = 86_400;

/** Answers a preflight. It carries no key, so the app is not known yet: the request itself is what an origin is checked at. */
export function answerPreflight(req: IncomingMessage, res: ServerResponse): void {
  allowOrigin(res, req.headers.origin ?? '*');
  res.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, content-encoding, x-request-id, x-retry-count',
    'access-control-max-age': String(ONE_DAY_SECONDS),
    'content-length': '0',
  });
  res.end();
}

/** Lets the page of this origin read the answer, `Retry-After` included. Never with credentials: ingest has no cookies. */
export function allowOrigin(res: ServerResponse, origin: string): void {
  res.setHeader('access-control-allow-origin', origin);
  res.setHeader('access-control-expose-headers', 'retry-after, x-request-id');
  res.setHeader('vary', 'origin');
}

/** @throws TendrilError ORIGIN_REFUSED when a browser sends from a page that the app does not allow */
export function requireAllowedOrigin(app: App, origin: string | undefined): void {
  if (origin === undefined || app.origins.includes('*') || app.origins.includes(origin)) return;
  throw new TendrilError('ORIGIN_REFUSED', { origin, appId: app.id });
}
