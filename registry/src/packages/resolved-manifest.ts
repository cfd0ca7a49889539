import type { CheckedPlugin } from '@tendril/engine/plugins';
import type { Manifest } from '@tendril/schemas';

/** A manifest with the files inside that its schemas refer to, for those who have not got the package. */
export function resolvedManifest({ manifest, schemas }: CheckedPlugin): Manifest {
  const { contributes, connections } = manifest;
  const schemaOf = (compiled: { readonly schema: unknown } | undefined, own: unknown): unknown =>
    own === undefined ? undefined : (compiled?.schema ?? own);
  const resolved = {
    ...manifest,
    config: schemaOf(schemas.settings, manifest.config),
    connections: mapped(connections, (kind, id) => ({ ...kind, schema: schemaOf(schemas.connections.get(id), kind.schema) })),
    contributes: {
      ...contributes,
      actions: mapped(contributes.actions, (action, id) => ({
        ...action,
        input: schemaOf(schemas.actions.get(id)?.input, action.input),
        output: schemaOf(schemas.actions.get(id)?.output, action.output),
      })),
      triggers: mapped(contributes.triggers, (trigger, id) => ({
        ...trigger,
        input: schemaOf(schemas.triggers.get(id)?.input, trigger.input),
        output: schemaOf(schemas.triggers.get(id)?.output, trigger.output),
      })),
      tables: mapped(contributes.tables, (table, id) => ({ ...table, schema: schemaOf(schemas.tables.get(id), table.schema) })),
      events: mapped(contributes.events, (event, id) => ({ ...event, properties: schemaOf(schemas.events.get(id), event.properties) })),
    },
  };
  // As it would be read: members that are not there are left out.
  return JSON.parse(JSON.stringify(resolved)) as Manifest;
}

function mapped<Item>(items: Readonly<Record<string, Item>> | undefined, change: (item: Item, id: string) => unknown): object | undefined {
  return items === undefined ? undefined : Object.fromEntries(Object.entries(items).map(([id, item]) => [id, change(item, id)]));
}
