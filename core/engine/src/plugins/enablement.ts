import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import { queryAll } from '../tenants/index.ts';
import type { TenantOpener } from '../tenants/index.ts';
import type { LoadedPlugin } from './contract.ts';
import { ENABLED, SETTINGS } from './enablement-tables.ts';
import { requiredIds } from './check/check-requirements.ts';

/** What one tenant has enabled and set, as of a moment ago. */
export interface TenantEnablement {
  readonly enabled: ReadonlySet<string>;
  /** Frozen, defaults filled in. @throws TendrilError PLUGIN_SETTINGS_INVALID when a setting without default is not given yet */
  settingsOf(plugin: LoadedPlugin): JsonObject;
  /** As they were given. */
  rawSettingsOf(pluginId: string): JsonObject;
}

/** How long another process's change may go unnoticed. */
const AGE_MS = 2_000;

/** Which plugins tenants have enabled, and with which settings. */
export class Enablement {
  readonly #tenants: TenantOpener;
  readonly #clock: Clock;
  readonly #plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly #known = new Map<string, { readonly at: number; readonly value: TenantEnablement }>();
  readonly #reading = new Map<string, Promise<TenantEnablement>>();
  /** Counts the changes made here: what was read before one of them is not kept. */
  readonly #changes = new Map<string, number>();

  constructor(options: {
    readonly tenants: TenantOpener;
    readonly clock: Clock;
    readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  }) {
    this.#tenants = options.tenants;
    this.#clock = options.clock;
    this.#plugins = options.plugins;
  }

  /** Without waiting where it is known: every call of an action asks. */
  of(tenantId: string): TenantEnablement | Promise<TenantEnablement> {
    const known = this.#known.get(tenantId);
    return known !== undefined && Math.abs(this.#clock.now() - known.at) < AGE_MS ? known.value : this.#readOnce(tenantId);
  }

  /** @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_REQUIREMENT_MISSING */
  async enable(tenantId: string, id: string): Promise<readonly string[]> {
    const { enabled } = await this.#read(tenantId);
    const wanted = this.#withRequirements(id, enabled);
    const { state } = await this.#tenants.open(tenantId);
    const now = this.#clock.now();
    await state.commit(
      wanted.filter((plugin) => !enabled.has(plugin)).map((plugin) => ({ op: 'put', table: ENABLED, value: { plugin, enabledAt: now } })),
    );
    this.#changed(tenantId);
    return wanted;
  }

  /** @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_REQUIRED_BY */
  async disable(tenantId: string, id: string): Promise<void> {
    this.#plugin(id);
    const { enabled } = await this.#read(tenantId);
    const dependants = [...enabled].filter((other) => other !== id && this.#needs(other, id, enabled));
    if (dependants.length > 0) throw new TendrilError('PLUGIN_REQUIRED_BY', { plugin: id, dependants });
    const { state } = await this.#tenants.open(tenantId);
    await state.commit([{ op: 'delete', table: ENABLED, key: id }]);
    this.#changed(tenantId);
  }

  /** @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_SETTINGS_INVALID with all problems */
  async configure(tenantId: string, id: string, settings: JsonObject): Promise<void> {
    checkedSettings(this.#plugin(id), settings);
    const { state } = await this.#tenants.open(tenantId);
    await state.commit([{ op: 'put', table: SETTINGS, value: { plugin: id, settings } }]);
    this.#changed(tenantId);
  }

  #changed(tenantId: string): void {
    this.#changes.set(tenantId, (this.#changes.get(tenantId) ?? 0) + 1);
    this.#known.delete(tenantId);
    this.#reading.delete(tenantId);
  }

  /** Calls that find it out of date at the same time read it together. */
  #readOnce(tenantId: string): Promise<TenantEnablement> {
    const known = this.#reading.get(tenantId);
    if (known !== undefined) return known;
    const reading = this.#read(tenantId).finally(() => {
      if (this.#reading.get(tenantId) === reading) this.#reading.delete(tenantId);
    });
    this.#reading.set(tenantId, reading);
    return reading;
  }

  async #read(tenantId: string): Promise<TenantEnablement> {
    const at = this.#clock.now();
    const changes = this.#changes.get(tenantId);
    const { state } = await this.#tenants.open(tenantId);
    const [enabledRows, settingsRows] = await Promise.all([queryAll(state, ENABLED), queryAll(state, SETTINGS)]);
    const given = new Map(settingsRows.map(({ key, value }) => [key, value['settings'] as JsonObject]));
    const filled = new Map<string, JsonObject>();
    const value: TenantEnablement = {
      enabled: new Set(enabledRows.map(({ key }) => key).filter((id) => this.#plugins().has(id))),
      settingsOf: (plugin) => {
        const found = filled.get(plugin.id) ?? deepFreeze(checkedSettings(plugin, given.get(plugin.id) ?? {}));
        filled.set(plugin.id, found);
        return found;
      },
      rawSettingsOf: (id) => given.get(id) ?? {},
    };
    if (this.#changes.get(tenantId) === changes) this.#known.set(tenantId, { at, value });
    return value;
  }

  #plugin(id: string): LoadedPlugin {
    const plugin = this.#plugins().get(id);
    if (plugin === undefined) throw new TendrilError('PLUGIN_UNKNOWN', { plugin: id });
    return plugin;
  }

  /** The plugin behind all that it requires. A capability is met by what is enabled, or else by its only provider. */
  #withRequirements(id: string, enabled: ReadonlySet<string>): readonly string[] {
    const wanted = new Set<string>();
    const add = (each: string): void => {
      if (wanted.has(each)) return;
      const plugin = this.#plugin(each);
      for (const required of requiredIds(plugin)) add(required);
      wanted.add(each);
      for (const capability of plugin.manifest.requires?.capabilities ?? []) {
        const providers = this.#providers(capability);
        if (providers.some((provider) => enabled.has(provider) || wanted.has(provider))) continue;
        const [only, ...others] = providers;
        if (only === undefined || others.length > 0)
          throw new TendrilError('PLUGIN_REQUIREMENT_MISSING', { plugin: each, capability, providers });
        add(only);
      }
    };
    add(id);
    return [...wanted];
  }

  #needs(dependant: string, id: string, enabled: ReadonlySet<string>): boolean {
    const plugin = this.#plugins().get(dependant);
    if (plugin === undefined) return false;
    if (requiredIds(plugin).includes(id)) return true;
    return (plugin.manifest.requires?.capabilities ?? []).some((capability) => {
      const providers = this.#providers(capability).filter((provider) => enabled.has(provider));
      return providers.length === 1 && providers[0] === id;
    });
  }

  #providers(capability: string): readonly string[] {
    return [...this.#plugins().values()]
      .filter(({ manifest }) => Object.values(manifest.contributes.actions ?? {}).some((action) => action.implements === capability))
      .map(({ id }) => id);
  }
}

function checkedSettings(plugin: LoadedPlugin, settings: JsonObject): JsonObject {
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
