import type { Request } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import type { Hub, Principal, Scope } from '@tendril/engine';
import { keyFromHeader } from './credentials.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Sessions } from './sessions.ts';

/** Tenant of the installation itself: its admin keys may see and make tenants, and nobody else's may. */
export const HUB_TENANT = '_hub';

/** Who may use a route: everybody, holders of one of the scopes, or operators of the installation. */
export type Access = 'public' | 'hub' | readonly Scope[];

/** What is needed to tell who asks. */
export interface AuthenticateNeeds {
  readonly hub: Hub;
  readonly sessions: Sessions;
  readonly publicUrl: string | undefined;
}

/**
 * Tells who asks, by secret key or else by session.
 *
 * @throws TendrilError KEY_MISSING, KEY_INVALID, SESSION_MISSING, ORIGIN_REFUSED
 * @throws TendrilError KEY_SCOPE_MISSING for a write key, which may only send
 */
export async function authenticate(req: Request, { hub, sessions, publicUrl }: AuthenticateNeeds): Promise<Principal> {
  const key = keyFromHeader(req);
  if (key !== undefined) {
    const principal = await hub.keys.authenticate(key);
    if (principal.kind === 'write') throw new TendrilError('KEY_SCOPE_MISSING', { expected: 'a secret key' });
    return principal;
  }
  const tenantId = sessions.tenantOf(req);
  if (tenantId === undefined) throw new TendrilError(req.headers['sec-fetch-site'] === undefined ? 'KEY_MISSING' : 'SESSION_MISSING');
  requireSameOrigin(req, publicUrl);
  return hub.keys.session(tenantId);
}

/** @throws TendrilError KEY_SCOPE_MISSING */
export function requireAccess(principal: Principal, access: Access): void {
  if (access === 'public') return;
  const isAdmin = principal.scopes.includes('admin');
  if (access === 'hub') {
    if (!isAdmin || principal.tenantId !== HUB_TENANT) throw new TendrilError('KEY_SCOPE_MISSING', { tenant: HUB_TENANT, scopes: ['admin'] });
    return;
  }
  if (isAdmin || access.some((scope) => principal.scopes.includes(scope))) return;
  throw new TendrilError('KEY_SCOPE_MISSING', { scopes: access });
}
