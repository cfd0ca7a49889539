import type { Principal } from '@tendril/engine';

/** Personal values in what is played through are shown to those who may see them in what has happened, too. */
export function sightOf({ scopes }: Pick<Principal, 'scopes'>): { readonly unmasked?: boolean } {
  return scopes.includes('admin') ? { unmasked: true } : {};
}
