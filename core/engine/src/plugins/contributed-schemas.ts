import type { ContributedSchema } from '../events/index.ts';
import type { LoadedPlugin } from './contract.ts';

/**
 * Schemas of events that the enabled plugins contribute, in the order of loading. What is sent to the hub is held to them, so a
 * plugin has a say only about events that it may add itself: else any could have an app's events refused.
 */
export function contributedSchemas(plugins: ReadonlyMap<string, LoadedPlugin>, enabled: ReadonlySet<string>): readonly ContributedSchema[] {
  return [...plugins.values()]
    .filter(({ id }) => enabled.has(id))
    .flatMap(({ id: plugin, schemas, mayWrite }) =>
      [...schemas.events].flatMap(([name, { schema }]) => (typeof schema === 'object' && mayWrite(name) ? [{ name, plugin, schema }] : [])),
    );
}
