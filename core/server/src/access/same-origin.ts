import type { IncomingMessage } from 'node:http';
import { TendrilError } from '@tendril/plugin-api';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Holds back what another site makes a browser send along with the session's cookie.
 *
 * Browsers say where a request comes from in `Sec-Fetch-Site` or `Origin`; a client that says neither has to set
 * `x-tendril-csrf`, which no other site can without asking first.
 *
 * @throws TendrilError ORIGIN_REFUSED
 */
export function requireSameOrigin(req: IncomingMessage, publicUrl: string | undefined): void {
  if (SAFE_METHODS.has(req.method ?? '')) return;
  if (isSameOrigin(req, publicUrl)) return;
  throw new TendrilError('ORIGIN_REFUSED', { expected: 'a request of the dashboard itself' });
}

function isSameOrigin(req: IncomingMessage, publicUrl: string | undefined): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = req.headers;
  if (origin === undefined) return req.headers['x-tendril-csrf'] !== undefined;
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
