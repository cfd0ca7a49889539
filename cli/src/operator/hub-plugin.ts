import type { Json, JsonObject } from '@tendril/plugin-api';
import { TendrilError } from '@tendril/plugin-api';
import type { HubClient } from '../hub-client.ts';

/** A plugin as the hub shows it to a tenant. */
export interface HubPlugin {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly state: 'loaded' | 'faulty';
  readonly isEnabled: boolean;
  readonly isFirstParty: boolean;
  readonly runsIn?: 'process' | 'child' | 'declarative';
  readonly permissions: JsonObject;
  readonly permissionsInWords: readonly string[];
  readonly permissionsHash: string;
  readonly consent: { readonly isNeeded: boolean; readonly hash?: string };
  readonly contributes: Readonly<Record<string, readonly string[]>>;
  readonly health: { readonly state: 'ok' | 'stopped' | 'revoked' | 'faulty'; readonly incidents: number; readonly reason?: string };
  readonly settings: JsonObject;
  readonly settingsSchema: JsonObject;
  readonly source?: JsonObject;
  readonly breakingChanges: readonly BreakingChange[];
}

/** What a version changes for those who use the one before. */
export interface BreakingChange {
  readonly version: string;
  readonly change: string;
  readonly guide: string;
  readonly by: string;
}

/** What an upgrade would do, as the hub works it out. */
export interface UpgradePlan {
  readonly from: string;
  readonly to: string;
  readonly permissions: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly contributions: { readonly added: readonly string[]; readonly removed: readonly string[]; readonly changed: readonly Json[] };
  readonly breakingChanges: readonly BreakingChange[];
  readonly pipelines: readonly { readonly name: string; readonly problems: readonly Json[] }[];
  readonly sleepingRuns: Json;
  readonly isBlocked: boolean;
  readonly consentNeeded: boolean;
}

/** The address of a plugin. */
export function pluginPath(id: string, rest = ''): string {
  return `/v1/plugins/${encodeURIComponent(id)}${rest}`;
}

/** A plugin of the hub; `undefined` when it has none of this id. */
export async function findHubPlugin(hub: HubClient, id: string): Promise<HubPlugin | undefined> {
  try {
    return await hub.request<HubPlugin>('GET', pluginPath(id));
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'PLUGIN_UNKNOWN') return undefined;
    throw error;
  }
}
