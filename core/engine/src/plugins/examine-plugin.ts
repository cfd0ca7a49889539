import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import type { PluginFault } from '../hub.ts';
import { checkManifest } from './check/check-manifests.ts';
import { fault } from './check/fault.ts';
import type { CheckedPlugin, PluginSource } from './contract.ts';
import { openRunner } from './open-runner.ts';

/** Every fault of one plugin by itself: of its manifest, and of its code when the manifest is sound. For authors' tests. */
export async function examinePlugin(
  source: PluginSource,
): Promise<{ readonly plugin?: CheckedPlugin; readonly faults: readonly PluginFault[] }> {
  const { plugin, faults } = await checkManifest(source, CONTRACT_VERSION);
  if (plugin === undefined) return { faults };
  try {
    const opened = await openRunner(plugin, { report: () => undefined });
    if (opened !== 'restart needed') await opened.runner.stop();
    return { plugin, faults };
  } catch (error) {
    return { plugin, faults: [loadFault(plugin, error)] };
  }
}

/** What went wrong while a plugin was loaded, as a fault. */
export function loadFault(plugin: CheckedPlugin, error: unknown): PluginFault {
  if (!TendrilError.is(error))
    return fault(
      plugin,
      { pointer: '', message: `failed while it was loaded: ${error instanceof Error ? error.message : 'unknown error'}` },
      'PLUGIN_FAULTY',
    );
  const { missing, surplus, reason } = error.details as {
    readonly missing?: readonly string[];
    readonly surplus?: readonly string[];
    readonly reason?: string;
  };
  const parts = [
    ...(missing !== undefined && missing.length > 0 ? [`does not implement ${missing.join(', ')}`] : []),
    ...(surplus !== undefined && surplus.length > 0 ? [`implements without declaring ${surplus.join(', ')}`] : []),
  ];
  return fault(plugin, { pointer: '/contributes', message: parts.length > 0 ? parts.join('; ') : (reason ?? error.message) }, error.code);
}
