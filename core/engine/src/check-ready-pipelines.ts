import { posix } from 'node:path';
import type { JsonObject } from '@tendril/plugin-api';
import { describeAction } from './actions/index.ts';
import type { PluginFault } from './hub.ts';
import { checkPipeline } from './pipelines/index.ts';
import type { CheckEnvironment } from './pipelines/index.ts';
import { describeSources, readyPipelineName, toLoadedActions } from './plugins/index.ts';
import type { CheckedPlugin } from './plugins/index.ts';

/** A fault of a pipeline that comes with a plugin, with its place in the file, where it has one. */
export interface ReadyPipelineFault extends PluginFault {
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/**
 * Checks the pipelines that come with a plugin against its own manifest, without a hub: each fault with the file, the line
 * and the column. Which actions and sources of other plugins there are is not known here, and not judged.
 *
 * @returns all faults, empty when they are sound
 */
export async function checkReadyPipelines(plugin: CheckedPlugin): Promise<readonly ReadyPipelineFault[]> {
  const environment = environmentOf(plugin);
  const faults: ReadyPipelineFault[] = [];
  for (const [id, { file }] of Object.entries(plugin.manifest.contributes.pipelines ?? {})) {
    const place = posix.join(posix.dirname(plugin.source.file.replaceAll('\\', '/')), file);
    const report = (pointer: string, message: string, rest: Partial<ReadyPipelineFault> = {}): void => {
      faults.push({
        plugin: plugin.id,
        file: place,
        pointer,
        code: 'PIPELINE_INVALID',
        message,
        ...rest,
      });
    };
    const text = await plugin.source.read(file).catch(() => undefined);
    if (text === undefined) {
      report('', `is not in the package, though contributes.pipelines.${id} names it`);
      continue;
    }
    const { faults: found, definition } = await checkPipeline(text, place, environment);
    for (const { line, column, pointer, message, suggestion, code } of found) {
      if (code === 'PIPELINE_UNKNOWN_ACTION' && !message.includes(`${plugin.id}.`)) continue;
      report(pointer, message, { line, column, ...(suggestion === undefined ? {} : { suggestion }) });
    }
    const name = readyPipelineName(plugin.id, id);
    if (definition !== undefined && definition.pipeline !== name)
      report('/pipeline', 'must be named after the plugin, so that it meets no other', { suggestion: name });
  }
  return faults;
}

function environmentOf(plugin: CheckedPlugin): CheckEnvironment {
  const actions = toLoadedActions(plugin).map(describeAction);
  return {
    findAction: async (name) => actions.find((action) => action.name === name || action.implements === name),
    actionNames: () => actions.map(({ name }) => name),
    connections: async () => undefined,
    eventSchema: async (name) => objectOf(plugin.schemas.events.get(name)?.schema),
    sources: () => describeSources(plugin),
  };
}

function objectOf(schema: JsonObject | boolean | undefined): JsonObject | undefined {
  return typeof schema === 'object' ? schema : undefined;
}
