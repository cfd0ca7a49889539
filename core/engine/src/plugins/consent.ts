import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { LoadedPlugin } from './contract.ts';
import type { Permissions } from './permissions/claims.ts';
import { describePermissions, permissionsHash } from './permissions/describe-permissions.ts';
import { isWithin } from './permissions/grants.ts';

/** What a tenant consented to. */
export interface Consent {
  readonly permissions: Permissions;
  /** Of the permissions, as they were shown. */
  readonly hash: string;
  readonly at: number;
}

/** The consent in a row of the enabled plugins. */
export function consentOf(row: JsonObject): Consent | undefined {
  const consent = row['consent'];
  return typeof consent === 'object' && consent !== null ? (consent as unknown as Consent) : undefined;
}

/**
 * The consent to keep when a plugin is enabled: what was there when it is enough, or what is given now.
 *
 * @param given hash of the permissions that somebody was shown
 * @returns undefined for a trusted one for which none was given
 * @throws TendrilError PLUGIN_CONSENT_NEEDED with the permissions in words and their hash, when none is there or it was for others
 */
export function checkedConsent(
  plugin: LoadedPlugin,
  { given, kept, clock }: { readonly given: string | undefined; readonly kept: Consent | undefined; readonly clock: Clock },
): Consent | undefined {
  const permissions = plugin.manifest.permissions ?? {};
  const hash = permissionsHash(plugin.manifest);
  if (given === hash) return { permissions, hash, at: clock.now() };
  if (given === undefined) {
    if (plugin.isTrusted) return kept;
    if (kept !== undefined && isWithin(permissions, kept.permissions)) return kept;
  }
  throw new TendrilError('PLUGIN_CONSENT_NEEDED', {
    plugin: plugin.id,
    permissions: describePermissions(permissions),
    consent: hash,
    ...(given !== undefined && { reason: 'the consent given is for other permissions than it has now' }),
  });
}
