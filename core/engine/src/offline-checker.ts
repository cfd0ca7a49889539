import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import { describeAction } from './actions/index.ts';
import type { PipelineFault } from './hub.ts';
import { checkPipeline } from './pipelines/index.ts';
import { checkManifests, toLoadedActions } from './plugins/index.ts';
import type { PluginSource } from './plugins/index.ts';

/** Checks a pipeline's text against manifests alone. @returns all faults, empty when it is sound */
export type OfflineChecker = (text: string, file: string) => Promise<readonly PipelineFault[]>;

/**
 * A checker that needs no hub and runs no plugin's code. Which connections exist it cannot know.
 *
 * @throws TendrilError MANIFEST_INVALID when a manifest has faults
 */
export async function createOfflineChecker(sources: readonly PluginSource[]): Promise<OfflineChecker> {
  const { plugins, faults } = await checkManifests(sources, CONTRACT_VERSION);
  if (faults.length > 0) throw new TendrilError('MANIFEST_INVALID', { faults });
  const actions = plugins.flatMap((plugin) => toLoadedActions(plugin)).map(describeAction);
  const environment = {
    findAction: async (name: string) => actions.find((action) => action.name === name || action.implements === name),
    actionNames: () => actions.map(({ name }) => name),
    connections: async () => undefined,
  };
  return async (text, file) => (await checkPipeline(text, file, environment)).faults;
}
