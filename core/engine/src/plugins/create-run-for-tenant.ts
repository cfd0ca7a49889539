import { TendrilError } from '@tendril/plugin-api';
import type { Timers } from '../environment.ts';
import type { TenantOpener } from '../tenants/index.ts';
import type { CallObservers } from './call-observers.ts';
import type { LoadedPlugin, PluginIncident } from './contract.ts';
import type { Enablement } from './enablement.ts';
import type { CallEnvironment } from './handler-run.ts';
import type { RunForTenant } from './plugin-consumers.ts';
import { runHandler } from './run-handler.ts';
import type { RunnerUses } from './runner-uses.ts';
import { refused } from './tenant-enablement.ts';

/** What running handlers needs. */
export interface RunForTenantOptions {
  readonly tenants: TenantOpener;
  readonly enablement: Enablement;
  readonly uses: RunnerUses;
  readonly observers: CallObservers;
  readonly report: (incident: PluginIncident) => void;
  readonly environment: CallEnvironment & { readonly timers: Timers };
  /** Throws when the plugin may not run yet for another reason than those of its enablement. */
  readonly assertReady: (tenantId: string, plugin: LoadedPlugin) => Promise<void> | undefined;
}

/** The one way to a handler: whoever runs one passes here, and so does what may keep a plugin from running. */
export function createRunForTenant(options: RunForTenantOptions): RunForTenant {
  const { tenants, enablement, uses, observers, environment, assertReady, report } = options;
  return async (tenantId, run, work) => {
    const { plugin, state } = run;
    const opened = await tenants.open(tenantId);
    const tenant = state === undefined ? opened : { ...opened, state };
    const known = enablement.of(tenantId);
    const current = known instanceof Promise ? await known : known;
    const refusal = current.refusalOf(plugin);
    if (refusal !== undefined) throw refused(plugin, refusal);
    await assertReady(tenantId, plugin);
    const settings = current.settingsOf(plugin);
    const end = uses.begin(plugin);
    try {
      return await observers.watch(tenantId, run, () =>
        runHandler({ ...run, tenant, settings }, environment, (call) => work(plugin.runner, call)),
      );
    } catch (error) {
      // First-party code that goes too far is a defect to mend; stopping it would stop the tenant.
      if (!plugin.isTrusted && TendrilError.is(error) && error.code === 'PLUGIN_LIMIT_EXCEEDED')
        report({ plugin: plugin.id, tenantId, kind: 'flooded', reason: `${run.handler} gathered more than a run may` });
      throw error;
    } finally {
      end();
    }
  };
}
