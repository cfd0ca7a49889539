import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { PluginAlert } from '../hub.ts';
import type { Change } from '../ports.ts';
import { queryAll } from '../tenants/index.ts';
import type { TenantOpener } from '../tenants/index.ts';
import { checkedConsent } from './consent.ts';
import type { LoadedPlugin } from './contract.ts';
import { dependantsOf, withRequirements } from './enabled-requirements.ts';
import { CONDITIONS, ENABLED, SETTINGS } from './enablement-tables.ts';
import { checkedSettings, toTenantEnablement } from './tenant-enablement.ts';
import { unmaskSecrets } from './secret-settings.ts';
import type { TenantEnablement } from './tenant-enablement.ts';

/** How long another process's change may go unnoticed. */
const AGE_MS = 2_000;

/** With what a plugin is enabled. */
export interface EnableOptions {
  /** Hash of the permissions that somebody agreed to. */
  readonly consent?: string;
  /** Taken with it or not at all. */
  readonly settings?: JsonObject;
}

/** Which plugins tenants have enabled, with which consent and which settings. */
export class Enablement {
  readonly #tenants: TenantOpener;
  readonly #clock: Clock;
  readonly #plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly #missing: (id: string) => TendrilError;
  readonly #known = new Map<string, { readonly at: number; readonly value: TenantEnablement }>();
  readonly #reading = new Map<string, Promise<TenantEnablement>>();
  /** Counts the changes made here: what was read before one of them is not kept. */
  readonly #changes = new Map<string, number>();

  constructor(options: {
    readonly tenants: TenantOpener;
    readonly clock: Clock;
    readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
    readonly missing: (id: string) => TendrilError;
  }) {
    this.#tenants = options.tenants;
    this.#clock = options.clock;
    this.#plugins = options.plugins;
    this.#missing = options.missing;
  }

  /** Without waiting where it is known: every call of an action asks. */
  of(tenantId: string): TenantEnablement | Promise<TenantEnablement> {
    const known = this.#known.get(tenantId);
    return known !== undefined && Math.abs(this.#clock.now() - known.at) < AGE_MS ? known.value : this.#readOnce(tenantId);
  }

  /** As it is in the store now. */
  now(tenantId: string): Promise<TenantEnablement> {
    return this.#read(tenantId);
  }

  /**
   * Enables it behind all that it requires; enabling again takes new consent. One that is not trusted and required by this one
   * has to be enabled by itself before, so that somebody was asked about it.
   *
   * @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_REQUIREMENT_MISSING, PLUGIN_CONSENT_NEEDED, PLUGIN_REVOKED, PLUGIN_SETTINGS_INVALID
   */
  async enable(tenantId: string, id: string, { consent, settings }: EnableOptions = {}): Promise<readonly string[]> {
    const current = await this.#read(tenantId);
    this.#plugin(id);
    const wanted = withRequirements(id, current.enabled, this.#plugins());
    const changes = wanted.flatMap((plugin) => this.#enableChange(plugin, current, plugin === id ? consent : undefined, plugin === id));
    const { state } = await this.#tenants.open(tenantId);
    if (settings !== undefined) {
      changes.push(this.#settingsChange(id, settings, current));
    }
    if (changes.length > 0) await state.commit(changes);
    this.changed(tenantId);
    return wanted;
  }

  #enableChange(id: string, current: TenantEnablement, given: string | undefined, isAsked: boolean): Change[] {
    const isEnabled = current.enabled.has(id);
    if (isEnabled && !isAsked) return [];
    const plugin = this.#plugin(id);
    const { revoked } = plugin.source;
    if (revoked !== undefined && !isEnabled)
      throw new TendrilError('PLUGIN_REVOKED', { plugin: id, version: plugin.version, reason: revoked.reason });
    const kept = current.consentOf(id);
    const consent = checkedConsent(plugin, { given, kept, clock: this.#clock });
    if (isEnabled && consent === kept) return [];
    const value = { plugin: id, enabledAt: this.#clock.now(), ...(consent !== undefined && { consent }) };
    return [{ op: 'put', table: ENABLED, value: value as unknown as JsonObject }];
  }

  /** @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_REQUIRED_BY */
  async disable(tenantId: string, id: string): Promise<void> {
    this.#plugin(id);
    const { enabled } = await this.#read(tenantId);
    const dependants = dependantsOf(id, enabled, this.#plugins());
    if (dependants.length > 0) throw new TendrilError('PLUGIN_REQUIRED_BY', { plugin: id, dependants });
    const { state } = await this.#tenants.open(tenantId);
    await state.commit([{ op: 'delete', table: ENABLED, key: id }]);
    this.changed(tenantId);
  }

  /** @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_SETTINGS_INVALID with all problems */
  async configure(tenantId: string, id: string, settings: JsonObject): Promise<void> {
    const change = this.#settingsChange(id, settings, await this.#read(tenantId));
    const { state } = await this.#tenants.open(tenantId);
    await state.commit([change]);
    this.changed(tenantId);
  }

  /** Secrets that come back masked stay what they are. @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_SETTINGS_INVALID */
  #settingsChange(id: string, given: JsonObject, current: TenantEnablement): Change {
    const plugin = this.#plugin(id);
    const settings = unmaskSecrets(plugin.schemas.settings.schema, given, current.rawSettingsOf(id));
    checkedSettings(plugin, settings);
    return { op: 'put', table: SETTINGS, value: { plugin: id, settings } };
  }

  /** What is known of the tenant is read again. */
  changed(tenantId: string): void {
    this.#changes.set(tenantId, (this.#changes.get(tenantId) ?? 0) + 1);
    this.#known.delete(tenantId);
    this.#reading.delete(tenantId);
  }

  /** Other plugins are loaded than before. */
  pluginsChanged(): void {
    for (const tenantId of new Set([...this.#known.keys(), ...this.#reading.keys()])) this.changed(tenantId);
  }

  /** Plugins that are not called, of the tenants that were asked about. */
  alerts(): readonly PluginAlert[] {
    return [...this.#known].flatMap(([tenantId, { value }]) =>
      [...value.enabled].flatMap((id) => {
        const plugin = this.#plugins().get(id);
        const health = plugin === undefined ? undefined : value.healthOf(plugin);
        if (health?.state !== 'stopped' && health?.state !== 'revoked') return [];
        return [{ plugin: id, tenantId, state: health.state, reason: health.reason ?? '' }];
      }),
    );
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
    const [enabled, settings, conditions] = await Promise.all([
      queryAll(state, ENABLED),
      queryAll(state, SETTINGS),
      queryAll(state, CONDITIONS),
    ]);
    const value = toTenantEnablement({ enabled, settings, conditions }, this.#plugins());
    if (this.#changes.get(tenantId) === changes) this.#known.set(tenantId, { at, value });
    return value;
  }

  #plugin(id: string): LoadedPlugin {
    const plugin = this.#plugins().get(id);
    if (plugin === undefined) throw this.#missing(id);
    return plugin;
  }
}
