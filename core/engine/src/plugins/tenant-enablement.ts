import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, JsonObject } from '@tendril/plugin-api';
import type { PluginHealth, Problem } from '../hub.ts';
import type { Row } from '@tendril/plugin-api';
import { consentOf } from './consent.ts';
import type { Consent } from './consent.ts';
import { toCondition } from './conditions.ts';
import type { LoadedPlugin } from './contract.ts';
import { isWithin } from './permissions/grants.ts';

/** Why a plugin is not called although it is enabled. */
export interface Refusal {
  readonly code: Extract<ErrorCode, 'PLUGIN_REVOKED' | 'PLUGIN_STOPPED' | 'PLUGIN_CONSENT_NEEDED'>;
  readonly reason: string;
}

/** What one tenant has enabled and set, as of a moment ago. */
export interface TenantEnablement {
  /** Those that are loaded. Some of them may be refused. */
  readonly enabled: ReadonlySet<string>;
  /** Frozen, defaults filled in. @throws TendrilError PLUGIN_SETTINGS_INVALID when a setting without default is not given yet */
  settingsOf(plugin: LoadedPlugin): JsonObject;
  /** As they were given. */
  rawSettingsOf(pluginId: string): JsonObject;
  /** What was consented to, where somebody was asked. */
  consentOf(pluginId: string): Consent | undefined;
  /** Why none of its handlers may run; `undefined` when they may. */
  refusalOf(plugin: LoadedPlugin): Refusal | undefined;
  healthOf(plugin: LoadedPlugin): PluginHealth;
}

/** What the tenant's tables say. */
export interface EnablementRows {
  readonly enabled: readonly Row[];
  readonly settings: readonly Row[];
  readonly conditions: readonly Row[];
}

/** What rows mean for the plugins that are loaded now. */
export function toTenantEnablement(rows: EnablementRows, plugins: ReadonlyMap<string, LoadedPlugin>): TenantEnablement {
  const given = new Map(rows.settings.map(({ key, value }) => [key, value['settings'] as JsonObject]));
  const consents = new Map(rows.enabled.map(({ key, value }) => [key, consentOf(value)]));
  const conditions = new Map(rows.conditions.map(({ key, value }) => [key, toCondition(value)]));
  const enabled = new Set(rows.enabled.map(({ key }) => key).filter((id) => plugins.has(id)));
  const filled = new WeakMap<LoadedPlugin, JsonObject>();
  const refusals = new WeakMap<LoadedPlugin, { readonly refusal: Refusal | undefined }>();

  function refusalOf(plugin: LoadedPlugin): Refusal | undefined {
    let known = refusals.get(plugin);
    if (known === undefined) {
      known = { refusal: judge(plugin) };
      refusals.set(plugin, known);
    }
    return known.refusal;
  }

  function judge(plugin: LoadedPlugin): Refusal | undefined {
    const { revoked } = plugin.source;
    if (revoked !== undefined) return { code: 'PLUGIN_REVOKED', reason: revoked.reason };
    const stopped = conditions.get(plugin.id)?.stopped;
    if (stopped !== undefined) return { code: 'PLUGIN_STOPPED', reason: stopped.reason };
    // One that nobody has enabled is refused by the call path, which says so.
    if (plugin.isTrusted || !enabled.has(plugin.id)) return undefined;
    const consent = consents.get(plugin.id);
    if (consent !== undefined && isWithin(plugin.manifest.permissions ?? {}, consent.permissions)) return undefined;
    return { code: 'PLUGIN_CONSENT_NEEDED', reason: 'it asks for more than was consented to; enable it again' };
  }

  return {
    enabled,
    settingsOf: (plugin) => {
      const found = filled.get(plugin) ?? deepFreeze(checkedSettings(plugin, given.get(plugin.id) ?? {}));
      filled.set(plugin, found);
      return found;
    },
    rawSettingsOf: (id) => given.get(id) ?? {},
    consentOf: (id) => consents.get(id),
    refusalOf,
    healthOf: (plugin) => {
      const incidents = conditions.get(plugin.id)?.incidents.length ?? 0;
      const refusal = refusalOf(plugin);
      if (refusal?.code === 'PLUGIN_REVOKED') return { state: 'revoked', incidents, reason: refusal.reason };
      if (refusal?.code === 'PLUGIN_STOPPED') return { state: 'stopped', incidents, reason: refusal.reason };
      return { state: 'ok', incidents };
    },
  };
}

/** The refusal as whoever calls the plugin gets it. Nothing was done, so it may be tried again once that is mended. */
export function refused(plugin: LoadedPlugin, { code, reason }: Refusal): TendrilError {
  return new TendrilError(code, { plugin: plugin.id, version: plugin.version, reason, isWithoutEffect: true });
}

/** Settings with defaults filled in. @throws TendrilError PLUGIN_SETTINGS_INVALID with all problems */
export function checkedSettings(plugin: LoadedPlugin, settings: JsonObject): JsonObject {
  const filled = structuredClone(settings);
  const problems: readonly Problem[] = plugin.schemas.settings.validate(filled);
  if (problems.length > 0) throw new TendrilError('PLUGIN_SETTINGS_INVALID', { plugin: plugin.id, problems });
  return filled;
}

/** All calls of a tenant share one object. */
function deepFreeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  return Object.freeze(value);
}
