import type { Manifest } from '@tendril/schemas';
import type { CheckedPlugin, CompiledSchema } from '../contract.ts';

type Members = Readonly<Record<string, object>>;

/** The manifest of a plugin with its schemas inside, in place of references to files of the package. */
export function wholeManifest({ manifest, schemas }: CheckedPlugin): Manifest {
  const { contributes, connections, config } = manifest;
  const filled = {
    ...manifest,
    ...(config !== undefined && { config: schemas.settings.schema }),
    ...(connections !== undefined && { connections: fill(connections, (id) => ({ schema: schemas.connections.get(id) })) }),
    contributes: {
      ...contributes,
      ...(contributes.actions !== undefined && { actions: fill(contributes.actions, (id) => schemas.actions.get(id) ?? {}) }),
      ...(contributes.triggers !== undefined && { triggers: fill(contributes.triggers, (id) => schemas.triggers.get(id) ?? {}) }),
      ...(contributes.events !== undefined && { events: fill(contributes.events, (id) => ({ properties: schemas.events.get(id) })) }),
      ...(contributes.tables !== undefined && { tables: fill(contributes.tables, (id) => ({ schema: schemas.tables.get(id) })) }),
      ...(contributes.webhooks !== undefined && { webhooks: fill(contributes.webhooks, (id) => ({ schema: schemas.webhooks.get(id) })) }),
      ...(contributes.routes !== undefined && { routes: fill(contributes.routes, (id) => schemas.routes.get(id) ?? {}) }),
    },
  };
  // A schema stands where a reference to it stood: the manifest's own schema takes both.
  return filled as Manifest;
}

/** Only members that are there already are replaced. */
function fill(items: Members, schemasOf: (id: string) => Readonly<Record<string, CompiledSchema | undefined>>): Members {
  return Object.fromEntries(
    Object.entries(items).map(([id, item]) => {
      const replaced = Object.entries(schemasOf(id)).flatMap(([member, compiled]) =>
        compiled !== undefined && member in item ? [[member, compiled.schema] as const] : [],
      );
      return [id, { ...item, ...Object.fromEntries(replaced) }];
    }),
  );
}
