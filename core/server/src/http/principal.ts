import type { ServerResponse } from 'node:http';
import type { Principal } from '@tendril/engine';

const principalsByResponse = new WeakMap<ServerResponse, Principal>();

/** Remembers who asks, for what comes behind. */
export function setPrincipal(res: ServerResponse, principal: Principal): void {
  principalsByResponse.set(res, principal);
}

/** Who asks; `undefined` on public routes. */
export function principalOf(res: ServerResponse): Principal | undefined {
  return principalsByResponse.get(res);
}
