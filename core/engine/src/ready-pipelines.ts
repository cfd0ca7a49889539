import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { PipelineInfo, PipelineService, ReadyPipelineInfo, TenantContributions } from './hub.ts';
import { readDefinition } from './pipelines/index.ts';
import { READY_PIPELINES, readyPipelineName } from './plugins/index.ts';
import type { LoadedPlugin } from './plugins/index.ts';
import type { TenantOpener } from './tenants/index.ts';

/** What ready-made pipelines need. */
export interface ReadyPipelinesOptions {
  /** @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_DISABLED */
  readonly findEnabled: (tenantId: string, plugin: string) => Promise<LoadedPlugin>;
  readonly pipelines: (tenantId: string) => PipelineService;
  readonly tenants: TenantOpener;
  readonly clock: Clock;
}

/** What is remembered of one that was taken over. */
interface TakenRow {
  /** Of the text as the plugin gave it. */
  readonly digest: string;
  /** Of the plugin. */
  readonly version: string;
}

/** @returns the part of a tenant's contributions that is about ready-made pipelines */
export function createReadyPipelines(
  { findEnabled, pipelines, tenants, clock }: ReadyPipelinesOptions,
  tenantId: string,
): Pick<TenantContributions, 'readyPipelines' | 'addPipeline'> {
  async function readTaken(plugin: string, id: string): Promise<TakenRow | undefined> {
    const { state } = await tenants.open(tenantId);
    const [row] = await state.get(READY_PIPELINES, [`${plugin}.${id}`]);
    return row?.value as unknown as TakenRow | undefined;
  }

  async function note(plugin: LoadedPlugin, id: string, source: string): Promise<void> {
    const { state } = await tenants.open(tenantId);
    const value = { key: `${plugin.id}.${id}`, digest: digestOf(source), version: plugin.version, takenAt: clock.now() };
    await state.commit([{ op: 'put', table: READY_PIPELINES, value }]);
  }

  async function describe(plugin: LoadedPlugin, id: string): Promise<ReadyPipelineInfo> {
    const { title, description, source } = await readReady(plugin, id);
    const name = readyPipelineName(plugin.id, id);
    const deployed = await pipelines(tenantId).get(name);
    const taken = await readTaken(plugin.id, id);
    return {
      plugin: plugin.id,
      id,
      name,
      title,
      ...(description === undefined ? {} : { description }),
      source,
      settings: settingsOf(source),
      ...stateOf(plugin, source, deployed, taken),
    };
  }

  return {
    readyPipelines: async (pluginId) => {
      const plugin = await findEnabled(tenantId, pluginId);
      return Promise.all(Object.keys(plugin.manifest.contributes.pipelines ?? {}).map((id) => describe(plugin, id)));
    },
    addPipeline: async (pluginId, id, settings = {}) => {
      const plugin = await findEnabled(tenantId, pluginId);
      const { source } = await readReady(plugin, id);
      const { state, name } = await describe(plugin, id);
      // What somebody has changed, or deployed under this name by themselves, is theirs.
      if (state === 'edited') throw new TendrilError('ALREADY_EXISTS', { pipeline: name, reason: 'it was changed after it was added' });
      const info = await pipelines(tenantId).deploy(source, { file: `${plugin.id}/${id}`, whenNew: { isPaused: true, settings } });
      await note(plugin, id, source);
      return info;
    },
  };
}

async function readReady(
  plugin: LoadedPlugin,
  id: string,
): Promise<{ readonly title: string; readonly description?: string | undefined; readonly source: string }> {
  const all = plugin.manifest.contributes.pipelines ?? {};
  const ready = Object.hasOwn(all, id) ? all[id] : undefined;
  if (ready === undefined) throw new TendrilError('NOT_FOUND', { plugin: plugin.id, pipeline: id });
  const { title, description, file } = ready;
  const source = await plugin.source.read(file).catch((cause: unknown) => {
    throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, reason: 'a file of the package cannot be read', file }, { cause });
  });
  const name = readyPipelineName(plugin.id, id);
  const [definition] = [readDefinition(source) ?? []].flat();
  if (definition !== undefined && definition.pipeline !== name)
    throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, file, reason: `the pipeline has to be named ${name}` });
  return { title, description, source };
}

function stateOf(
  plugin: LoadedPlugin,
  source: string,
  deployed: PipelineInfo | undefined,
  taken: TakenRow | undefined,
): Pick<ReadyPipelineInfo, 'state' | 'isPaused' | 'addedFromVersion' | 'hasNewer'> {
  if (deployed === undefined) return { state: 'absent', hasNewer: false };
  const isAsGiven = deployed.source === source || digestOf(deployed.source) === taken?.digest;
  return {
    state: isAsGiven ? 'added' : 'edited',
    isPaused: deployed.isPaused,
    addedFromVersion: taken?.version ?? plugin.version,
    hasNewer: deployed.source !== source && taken?.digest !== digestOf(source),
  };
}

/** Schema of the settings that a person is asked for. */
function settingsOf(source: string): JsonObject {
  const [definition] = [readDefinition(source) ?? []].flat();
  const properties = Object.entries(definition?.settings ?? {}).map(
    ([name, { type, title, description, enum: choices, minimum, maximum, default: standard }]) =>
      [
        name,
        Object.fromEntries(
          Object.entries({ type, title, description, enum: choices, minimum, maximum, default: standard }).filter(
            ([, value]) => value !== undefined,
          ),
        ),
      ] as const,
  );
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}
