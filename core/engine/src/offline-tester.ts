import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import { describeAction } from './actions/index.ts';
import { systemTimers } from './environment.ts';
import type { Stores } from './ports.ts';
import { checkPipeline, PROFILE_CAPABILITY, testPipeline } from './pipelines/index.ts';
import type { TestResult } from './pipelines/index.ts';
import { checkManifests, toLoadedActions } from './plugins/index.ts';
import type { PluginSource } from './plugins/index.ts';

/** Plays the cases of a file. @returns what became of each; never throws on a bad file */
export type OfflineTester = (text: string, file: string) => Promise<TestResult>;

/**
 * A tester that needs no hub and runs no plugin's code: actions answer as the cases or the manifests say.
 *
 * @param options.createStores fresh stores in memory on the given clock
 * @param options.readBeside reads a file that is named seen from another one
 * @throws TendrilError MANIFEST_INVALID when a manifest has faults
 */
export async function createOfflineTester(
  sources: readonly PluginSource[],
  options: {
    readonly createStores: (options: { readonly clock: { now(): number } }) => Stores;
    readonly readBeside: (file: string, name: string) => Promise<string>;
  },
): Promise<OfflineTester> {
  const { plugins, faults } = await checkManifests(sources, CONTRACT_VERSION);
  if (faults.length > 0) throw new TendrilError('MANIFEST_INVALID', { faults });
  const actions = plugins.flatMap((plugin) => toLoadedActions(plugin)).map(describeAction);
  const find = async (name: string): Promise<(typeof actions)[number] | undefined> =>
    actions.find((action) => action.name === name || action.implements === name);
  const environment = {
    findAction: find,
    actionNames: () => actions.map(({ name }) => name),
    connections: async () => undefined,
  };
  return (text, file) =>
    testPipeline(text, file, {
      environment,
      check: checkPipeline,
      known: { list: () => actions, find: (_tenantId, name) => find(name) },
      profileCapability: PROFILE_CAPABILITY,
      createStores: (clock) => options.createStores({ clock }),
      readBeside: options.readBeside,
      timer: () => systemTimers.monotonicMs(),
    });
}
