import type { ContributedSchema } from '../events/index.ts';
import type { LoadedPlugin } from './contract.ts';

/** Schemas of events that the enabled plugins contribute, in the order of loading. */
export function contributedSchemas(plugins: ReadonlyMap<string, LoadedPlugin>, enabled: ReadonlySet<string>): readonly ContributedSchema[] {
  return [...plugins.values()]
    .filter(({ id }) => enabled.has(id))
    .flatMap(({ id: plugin, schemas }) =>
      [...schemas.events].flatMap(([name, { schema }]) => (typeof schema === 'object' ? [{ name, plugin, schema }] : [])),
    );
}
