import { TendrilError } from '@tendril/plugin-api';
import type { EgressScope } from './broker/egress-scope.ts';

/** While it is set up a plugin sees no tenant and reaches nothing, nor do timers that it starts then. */
export function nothingToReach(plugin: string): EgressScope {
  const refuse = (): TendrilError => new TendrilError('EGRESS_DENIED', { plugin, handler: 'setup' });
  const deny = (): never => {
    throw refuse();
  };
  return { admit: deny, admitAddress: deny, refuse, plainFetch: () => Promise.reject(refuse()) };
}
