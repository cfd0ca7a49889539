import type { ServerResponse } from 'node:http';
import type { PluginRouteReply, RouteAuth } from '@tendril/engine';

/**
 * Plugins answer from the address of the dashboard itself. A page of theirs would have its session, if it were let: `sandbox`
 * without `allow-same-origin` gives it an origin of its own that shares nothing with ours, so that it reads no answer of
 * the API, and browsers send no cookie along with what it asks. `allow-scripts` is left out, and everything that loads from elsewhere:
 * a page could otherwise carry what it shows to hosts that the plugin may not reach. The same holds for all that is no page,
 * since SVG and XML are pages too when somebody opens them.
 */
const POLICY =
  "sandbox allow-forms; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Texts that a browser does not run: no script and no style sheet, which pages of ours could be made to load. */
const TEXT_TYPES: ReadonlySet<string> = new Set([
  'text/plain',
  'text/html',
  'text/csv',
  'text/calendar',
  'text/vcard',
  'text/markdown',
  'text/xml',
  'application/xml',
  'application/rss+xml',
  'application/atom+xml',
  'application/x-ndjson',
  'image/svg+xml',
]);
const JSON_TYPE = /^application\/([a-z0-9.-]+\+)?json$/;
/** All others are dropped: cookies, policies, what tells browsers whom to trust. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['content-disposition', 'content-language', 'etag', 'last-modified', 'retry-after']);
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Sends what a plugin answered, with the headers that are its own to set. */
export function sendPluginAnswer(
  res: ServerResponse,
  reply: PluginRouteReply,
  route: { readonly auth: RouteAuth; readonly isHead: boolean },
): void {
  const hasBody = reply.body !== undefined && !WITHOUT_BODY.has(reply.status);
  const body = hasBody ? (reply.body ?? '') : '';
  for (const [name, value] of Object.entries(reply.headers)) if (OWN_HEADERS.has(name)) res.setHeader(name, value);
  const location = reply.headers['location'];
  if (location !== undefined && isPlace(location)) res.setHeader('location', location);
  admit(res, route.auth);
  const caching = route.auth === 'none' ? reply.headers['cache-control'] : undefined;
  // What needs a key or a session is nobody else's.
  res.setHeader('cache-control', caching ?? 'no-store');
  if (hasBody) res.setHeader('content-type', typeOf(reply));
  res.writeHead(reply.status, WITHOUT_BODY.has(reply.status) ? {} : { 'content-length': Buffer.byteLength(body) });
  // As a text, it goes out in one piece with the head.
  res.end(route.isHead ? undefined : body);
}

/** What every answer below a plugin's prefix has, failures too. */
export function secure(res: ServerResponse): void {
  res.setHeader('content-security-policy', POLICY);
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('cross-origin-resource-policy', 'same-origin');
}

/** What is for everybody may be shown by the pages of everybody. */
function admit(res: ServerResponse, auth: RouteAuth): void {
  if (auth === 'none') res.setHeader('cross-origin-resource-policy', 'cross-origin');
}

function typeOf({ headers, isText }: PluginRouteReply): string {
  const [given = ''] = (headers['content-type'] ?? '').toLowerCase().split(';', 1);
  const type = given.trim();
  if (isText) return `${TEXT_TYPES.has(type) || JSON_TYPE.test(type) ? type : 'text/plain'}; charset=utf-8`;
  return JSON_TYPE.test(type) ? type : 'application/json; charset=utf-8';
}

/** An address of the web, or of this server. */
function isPlace(location: string): boolean {
  if (/^\/(?![/\\])/.test(location)) return true;
  return /^https?:\/\//i.test(location) && URL.canParse(location);
}
