import type { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { InstalledPlugin, PluginFault, TenantPlugin, TenantPlugins } from '../hub.ts';
import type { CallObservers } from './call-observers.ts';
import type { LoadedPlugin } from './contract.ts';
import type { Enablement } from './enablement.ts';
import type { Incidents } from './incidents.ts';
import type { PluginData } from './plugin-data.ts';
import { diffPermissions } from './permissions/describe-permissions.ts';
import { isWithin } from './permissions/grants.ts';
import { maskSecrets } from './secret-settings.ts';
import type { TenantEnablement } from './tenant-enablement.ts';

/** What the face of one tenant's plugins needs of the host. */
export interface TenantPluginsOptions {
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly installed: () => readonly InstalledPlugin[];
  readonly faults: () => readonly PluginFault[];
  readonly enablement: Enablement;
  readonly incidents: Incidents;
  readonly observers: CallObservers;
  readonly data: PluginData;
  /** Plans what enabled plugins do by themselves. */
  readonly plan: (tenantId: string) => Promise<void>;
  /** Why there is no plugin of the id. */
  readonly missing: (id: string) => TendrilError;
}

/** What this room gives of it: plans take the pipelines' room too. */
export type OwnTenantPlugins = Omit<TenantPlugins, 'plan'>;

/** Plugins as one tenant uses them. */
export function createTenantPlugins(tenantId: string, options: TenantPluginsOptions): OwnTenantPlugins {
  const { plugins, installed, faults, enablement, incidents, observers, data, plan, missing } = options;

  function find(id: string): LoadedPlugin {
    const plugin = plugins().get(id);
    if (plugin === undefined) throw missing(id);
    return plugin;
  }

  return {
    list: async () => {
      const known = await enablement.of(tenantId);
      return installed().map((plugin) => describe(plugin, plugins().get(plugin.id), known, faults()));
    },
    enable: async (id, enabling) => {
      await enablement.enable(tenantId, id, enabling);
      await plan(tenantId);
    },
    disable: (id) => enablement.disable(tenantId, id),
    configure: (id, settings) => enablement.configure(tenantId, id, settings),
    resume: async (id) => {
      await incidents.resume(tenantId, find(id));
      await plan(tenantId);
    },
    exportData: (id) => data.read(tenantId, find(id)),
    deleteData: (id) => data.remove(tenantId, find(id)),
    observe: (id, listener) => observers.observe(tenantId, find(id).id, listener),
  };
}

function describe(
  plugin: InstalledPlugin,
  loaded: LoadedPlugin | undefined,
  known: TenantEnablement,
  faults: readonly PluginFault[],
): TenantPlugin {
  const consent = known.consentOf(plugin.id);
  const isConsented = consent !== undefined && isWithin(loaded?.manifest.permissions ?? {}, consent.permissions);
  const settingsSchema = loaded?.schemas.settings.schema;
  return {
    ...plugin,
    isEnabled: known.enabled.has(plugin.id),
    settings: maskSecrets(settingsSchema, known.rawSettingsOf(plugin.id)),
    settingsSchema: typeof settingsSchema === 'object' ? settingsSchema : ({} satisfies JsonObject),
    consent: {
      isNeeded: loaded !== undefined && !loaded.isTrusted && !isConsented,
      ...(consent !== undefined && !isConsented && { added: diffPermissions(consent.permissions, loaded?.manifest.permissions).added }),
      ...(consent !== undefined && { hash: consent.hash }),
    },
    health: loaded === undefined ? { state: 'faulty', incidents: 0, ...reasonOf(plugin.id, faults) } : known.healthOf(loaded),
  };
}

function reasonOf(id: string, faults: readonly PluginFault[]): { readonly reason?: string } {
  const own = faults
    .filter(({ plugin }) => plugin === id)
    .map(({ pointer, message }) => (pointer === '' ? message : `${pointer} ${message}`));
  return own.length === 0 ? {} : { reason: own.join('; ') };
}
