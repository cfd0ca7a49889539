import { resolveReferences } from '@tendril/engine/plugins';
import type { JsonObject } from '@tendril/plugin-api';
import type { Manifest } from '@tendril/schemas';

type ReadFile = (path: string) => Promise<string>;
type Members = Readonly<Record<string, unknown>>;

/** Where schemas stand in each kind of thing that a manifest holds. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = {
  actions: ['input', 'output'],
  triggers: ['input', 'output'],
  events: ['properties'],
  routes: ['input', 'output'],
  webhooks: ['schema'],
  tables: ['schema'],
  drivers: ['config'],
};

/** The manifest with the files of the package that its schemas name inside, as a registry keeps it. */
export async function resolveManifest(manifest: Manifest, read: ReadFile): Promise<Manifest> {
  const inside = async (value: unknown, names: readonly string[]): Promise<unknown> => {
    const taken: Record<string, unknown> = { ...(value as Members) };
    for (const name of names)
      if (taken[name] !== undefined) taken[name] = (await resolveReferences(taken[name] as JsonObject | boolean, `/${name}`, read)).schema;
    return taken;
  };
  const all = async (values: unknown, names: readonly string[]): Promise<Members> =>
    Object.fromEntries(
      await Promise.all(Object.entries((values ?? {}) as Members).map(async ([id, value]) => [id, await inside(value, names)] as const)),
    );
  const contributes: Record<string, unknown> = { ...manifest.contributes };
  for (const [kind, names] of Object.entries(SCHEMAS))
    if (contributes[kind] !== undefined) contributes[kind] = await all(contributes[kind], names);
  const resolved = { ...((await inside(manifest, ['config'])) as Members), contributes };
  return (manifest.connections === undefined
    ? resolved
    : { ...resolved, connections: await all(manifest.connections, ['schema']) }) as unknown as Manifest;
}
