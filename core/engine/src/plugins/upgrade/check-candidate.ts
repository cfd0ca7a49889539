import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import type { PluginCandidate, PluginFault } from '../../hub.ts';
import { checkManifest } from '../check/check-manifests.ts';
import { checkRequirements } from '../check/check-requirements.ts';
import type { CheckedPlugin, PluginSource } from '../contract.ts';

/** A version that is not installed, checked against the plugins that are. */
export interface CheckedCandidate {
  readonly plugin: CheckedPlugin;
  /** Of plugins that would not go with it. */
  readonly faults: readonly PluginFault[];
}

/** @throws TendrilError MANIFEST_INVALID with all faults of its own */
export async function checkCandidate(
  id: string,
  candidate: PluginCandidate,
  installed: readonly CheckedPlugin[],
): Promise<CheckedCandidate> {
  const { plugin, faults } = await checkManifest(sourceOf(id, candidate), CONTRACT_VERSION);
  if (plugin === undefined) throw new TendrilError('MANIFEST_INVALID', { plugin: id, faults });
  const found = checkRequirements([...installed.filter((other) => other.id !== id), plugin]);
  const own = found.filter((fault) => fault.plugin === id);
  if (own.length > 0) throw new TendrilError('MANIFEST_INVALID', { plugin: id, faults: own });
  return { plugin, faults: found };
}

/** Only what was handed in: there are no files of a version that is not installed. */
function sourceOf(id: string, { packageJson, manifest }: PluginCandidate): PluginSource {
  return {
    folder: id,
    file: `${id}/plugin.json`,
    packageJson,
    manifest,
    read: () => Promise.reject(new Error('references of a candidate have to be resolved')),
    load: () => Promise.reject(new Error('a candidate has no code')),
  };
}
