import type { Request } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import type { Hub, Principal, Scope } from '@tendril/engine';
import { keyFromHeader } from './credentials.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Sessions } from './sessions.ts';

/** Who may use a route: everybody, holders of one of the scopes, or operators of the installation (admins of its own tenant). */
export type Access = 'public' | 'operator' | readonly Scope[];

/** What is needed to tell who asks. */
export interface AuthenticateNeeds {
  readonly hub: Hub;
  readonly sessions: Sessions;
  readonly publicUrl: string | undefined;
  /** The tenant of whoever runs the installation. */
  readonly operatorTenantId: string;
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
export function requireAccess(principal: Principal, access: Access, operatorTenantId: string): void {
  if (access === 'public') return;
  const isAdmin = principal.scopes.includes('admin');
  if (access === 'operator') {
    if (!isAdmin || principal.tenantId !== operatorTenantId)
      throw new TendrilError('KEY_SCOPE_MISSING', { expected: "an admin key of the installation's own tenant" });
    return;
  }
  if (isAdmin || access.some((scope) => principal.scopes.includes(scope))) return;
  throw new TendrilError('KEY_SCOPE_MISSING', { scopes: access });
}
