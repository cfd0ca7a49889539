import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { PanelData } from '@tendril/schemas';
import { validatePanelData } from '@tendril/schemas';
import type { LoadedPlugin } from './contract.ts';
import type { PanelPlace, PluginPanel } from './contributions.ts';
import type { TenantContributions } from '../hub.ts';
import { describe } from './schema-compiler.ts';

/** What panels need. */
export interface PanelsOptions {
  readonly plugins: () => readonly LoadedPlugin[];
  readonly enabled: (tenantId: string) => ReadonlySet<string> | Promise<ReadonlySet<string>>;
  /** The one call path. */
  readonly read: (
    tenantId: string,
    action: string,
    input: JsonObject,
    options: Parameters<TenantContributions['readPanel']>[1],
  ) => Promise<{ readonly output: Json }>;
}

/** What the action of a panel is asked with, by where the panel is shown. */
export function panelInput(place: PanelPlace, subject: string | undefined): JsonObject {
  if (place === 'person') return { personId: subject ?? '' };
  if (place === 'lead') return { leadId: subject ?? '' };
  return {};
}

/** @returns the panels of one tenant */
export function createPanels(options: PanelsOptions, tenantId: string): Pick<TenantContributions, 'panels' | 'readPanel'> {
  async function list(): Promise<readonly PluginPanel[]> {
    const enabled = await options.enabled(tenantId);
    return options
      .plugins()
      .filter(({ id }) => enabled.has(id))
      .flatMap(panelsOf);
  }

  return {
    panels: async (filter = {}) =>
      (await list()).filter(
        ({ place, plugin }) =>
          (filter.place === undefined || filter.place === place) && (filter.plugin === undefined || filter.plugin === plugin),
      ),
    readPanel: async (id, asked) => {
      const panel = (await list()).find((each) => each.id === id);
      if (panel === undefined) throw new TendrilError('NOT_FOUND', { panel: id });
      const { place, plugin, view, action } = panel;
      const isAboutSomebody = place === 'person' || place === 'lead';
      if (isAboutSomebody && (asked.subject === undefined || asked.subject === ''))
        throw new TendrilError('INPUT_INVALID', {
          in: 'query',
          problems: [{ pointer: '/subject', message: `is missing: the panel is about a ${place}` }],
        });
      const { output } = await options.read(tenantId, action, panelInput(place, asked.subject), asked);
      return checkData(plugin, panel, { view, data: output });
    },
  };
}

/** Only the places are told: what is shown may be personal. */
function checkData(
  plugin: string,
  { id, action }: PluginPanel,
  value: { readonly view: PluginPanel['view']; readonly data: Json },
): PanelData {
  if (validatePanelData(value)) return value as unknown as PanelData;
  const problems = (validatePanelData.errors ?? []).filter(({ keyword }) => keyword !== 'if').map((error) => describe(error));
  throw new TendrilError('PLUGIN_FAULTY', {
    plugin,
    panel: id,
    action,
    reason: 'what the action gives is nothing that its view can show',
    problems,
  });
}

function panelsOf({ id: plugin, manifest }: LoadedPlugin): readonly PluginPanel[] {
  return Object.entries(manifest.contributes.panels ?? {}).map(([id, { title, view, action, place }]) => ({
    id: `${plugin}.${id}`,
    plugin,
    title,
    view,
    place: place ?? 'plugin',
    action: `${plugin}.${action}`,
  }));
}
