import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { describeAction } from './actions/index.ts';
import type { PipelineFault } from './hub.ts';
import { checkPipeline, readDefinition } from './pipelines/index.ts';
import type { CheckEnvironment } from './pipelines/index.ts';
import { checkManifests, describeSources, toLoadedActions } from './plugins/index.ts';
import type { PluginSource } from './plugins/index.ts';

/** A pipeline's text and where it stands. */
export interface PipelineFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Checks a pipeline's text against manifests alone.
 *
 * @param others files that are deployed together with it: its `call`s are judged by those
 * @returns all faults, empty when it is sound
 */
export type OfflineChecker = (text: string, file: string, others?: readonly PipelineFile[]) => Promise<readonly PipelineFault[]>;

/**
 * A checker that needs no hub and runs no plugin's code. Which connections exist it cannot know, nor which other pipelines.
 *
 * @throws TendrilError MANIFEST_INVALID when a manifest has faults
 */
export async function createOfflineChecker(sources: readonly PluginSource[]): Promise<OfflineChecker> {
  const { plugins, faults } = await checkManifests(sources, CONTRACT_VERSION);
  if (faults.length > 0) throw new TendrilError('MANIFEST_INVALID', { faults });
  const actions = plugins.flatMap((plugin) => toLoadedActions(plugin)).map(describeAction);
  const events = new Map(plugins.flatMap(({ schemas }) => [...schemas.events]));
  const triggers = plugins.flatMap(describeSources);
  const environment: CheckEnvironment = {
    findAction: async (name) => actions.find((action) => action.name === name || action.implements === name),
    actionNames: () => actions.map(({ name }) => name),
    connections: async () => undefined,
    eventSchema: async (name) => objectOf(events.get(name)?.schema),
    sources: () => triggers,
  };
  return async (text, file, others = []) => {
    const known = new Map(others.flatMap((other) => [readDefinition(other.text) ?? []].flat()).map((one) => [one.pipeline, one] as const));
    return (await checkPipeline(text, file, { ...environment, pipeline: async (id) => known.get(id) })).faults;
  };
}

function objectOf(schema: JsonObject | boolean | undefined): JsonObject | undefined {
  return typeof schema === 'object' ? schema : undefined;
}
