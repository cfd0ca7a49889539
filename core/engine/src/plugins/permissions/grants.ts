import type { JsonObject } from '@tendril/plugin-api';
import type { CheckedPlugin } from '../contract.ts';
import { covers, toClaims, toPermissions } from './claims.ts';
import type { Claim, Permissions } from './claims.ts';

/**
 * What a plugin may really do: what its manifest asks for, as far as the operator's lock grants it. Of a wide wish and a
 * narrow grant the narrow one is left, and the other way round.
 */
export function effectivePermissions(asked: Permissions, grants: JsonObject): Permissions {
  const wishes = toClaims(asked);
  const granted = toClaims(grants);
  const whole = wishes.filter((wish) => granted.some((grant) => covers(grant, wish)));
  const narrowed = granted.filter((grant) => wishes.some((wish) => covers(wish, grant)) && !whole.some((wish) => covers(wish, grant)));
  return toPermissions([...whole, ...narrowed]);
}

/** The plugin as everything downstream is to see it: with its effective permissions in the place of those asked for. */
export function withGrants(plugin: CheckedPlugin): CheckedPlugin {
  const { grants } = plugin.source;
  if (grants === undefined || plugin.manifest.permissions === undefined) return plugin;
  return { ...plugin, manifest: { ...plugin.manifest, permissions: effectivePermissions(plugin.manifest.permissions, grants) } };
}

/** Whether `permissions` ask for nothing that `given` does not include. */
export function isWithin(permissions: Permissions, given: Permissions): boolean {
  return beyond(permissions, given).length === 0;
}

/** What of `permissions` is not among `given`. */
export function beyond(permissions: Permissions, given: Permissions): readonly Claim[] {
  const have = toClaims(given);
  return toClaims(permissions).filter((claim) => !have.some((one) => covers(one, claim)));
}
