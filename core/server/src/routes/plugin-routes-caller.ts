import type { IncomingMessage, ServerResponse } from 'node:http';
import { TendrilError } from '@tendril/plugin-api';
import type { PluginRoute, Principal } from '@tendril/engine';
import type { AuthenticateNeeds } from '../access/authenticate.ts';
import { keyFromHeader } from '../access/credentials.ts';
import { requireKnownHost } from '../access/known-host.ts';
import { requireSameOrigin } from '../access/same-origin.ts';
import { allowOrigin, requireAllowedOrigin } from '../ingest/cross-origin.ts';
import type { PluginAddress } from './plugin-routes-address.ts';

/** Who asks a route, and for which tenant. */
export interface RouteCaller {
  readonly tenantId: string;
  /** Tells callers apart. */
  readonly id: string;
  readonly isTest: boolean;
}

/** What telling needs. */
export interface CallerNeeds extends AuthenticateNeeds {
  readonly proxyHops: number;
}

/**
 * Tells who asks a route of a plugin, and lets the page that asks read the answer where anybody's page may.
 *
 * @param sender the network address
 * @throws TendrilError KEY_MISSING, KEY_INVALID, KEY_SCOPE_MISSING, SESSION_MISSING, ORIGIN_REFUSED
 * @throws TendrilError ROUTE_UNKNOWN when the address is another tenant's
 */
export async function findCaller(
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  { auth, method }: PluginRoute,
  address: PluginAddress,
  needs: CallerNeeds,
  sender: string,
): Promise<RouteCaller> {
  const key = keyFromHeader(req);
  if (key === undefined || auth === 'none' || auth === 'session') requireKnownHost(req, needs);
  const { origin } = req.headers;
  if (origin !== undefined && (auth === 'none' || auth === 'write_key')) allowOrigin(res, origin);
  if (auth === 'none') return { tenantId: address.tenantId ?? needs.operatorTenantId, id: sender, isTest: false };
  const principal = auth === 'session' ? await openSession(req, needs) : await openKey(key, needs);
  if (auth === 'write_key') requireApp(principal, origin);
  if (auth === 'secret_key') requireScope(principal, method);
  if (address.tenantId !== undefined && address.tenantId !== principal.tenantId) throw new TendrilError('ROUTE_UNKNOWN');
  return { tenantId: principal.tenantId, id: principal.keyId, isTest: principal.app?.isTest ?? false };
}

async function openKey(key: string | undefined, { hub }: CallerNeeds): Promise<Principal> {
  if (key === undefined) throw new TendrilError('KEY_MISSING');
  return hub.keys.authenticate(key);
}

async function openSession(req: IncomingMessage, { hub, sessions, publicUrl }: CallerNeeds): Promise<Principal> {
  const tenantId = sessions.tenantOf(req);
  if (tenantId === undefined) throw new TendrilError('SESSION_MISSING');
  // Unlike the API's, a GET of a plugin may change something: no link or picture of another site may ask for it.
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new TendrilError('ORIGIN_REFUSED', { expected: 'a request of the dashboard itself' });
  requireSameOrigin(req, publicUrl);
  return hub.keys.session(tenantId);
}

function requireApp({ app }: Principal, origin: string | undefined): void {
  if (app === undefined) throw new TendrilError('KEY_SCOPE_MISSING', { expected: 'a write key' });
  requireAllowedOrigin(app, origin);
}

function requireScope({ kind, scopes }: Principal, method: string): void {
  if (kind !== 'secret') throw new TendrilError('KEY_SCOPE_MISSING', { expected: 'a secret key' });
  const fitting = method === 'GET' ? (['read', 'actions', 'admin'] as const) : (['actions', 'admin'] as const);
  if (!fitting.some((scope) => scopes.includes(scope))) throw new TendrilError('KEY_SCOPE_MISSING', { scopes: fitting.slice(0, -1) });
}
