import type { TableSpec } from '../ports.ts';

/** Which pipelines of plugins a tenant has taken over, and what their text was then: `plugin.pipeline`. */
export const READY_PIPELINES: TableSpec = { name: '_plugins.pipelines', key: 'key', indexes: {}, personal: [] };

/** The name that a ready-made pipeline has to have: unique as long as plugins' ids are. */
export function readyPipelineName(plugin: string, id: string): string {
  return `${plugin}_${id}`;
}
