import type { CheckedPlugin, CompiledSchema, SourceDescription } from './contract.ts';

/** The sources of a plugin by their full names. */
export function describeSources({ id: plugin, manifest, schemas }: CheckedPlugin): readonly SourceDescription[] {
  return Object.entries(manifest.contributes.triggers ?? {}).flatMap(([id, { title, kind, connection }]) => {
    const found = schemas.triggers.get(id);
    if (found === undefined) return [];
    const connectionKinds = connection === undefined ? [] : [connection];
    return [{ name: `${plugin}.${id}`, plugin, title, kind, input: plain(found.input), output: plain(found.output), connectionKinds }];
  });
}

function plain({ schema }: CompiledSchema): SourceDescription['input'] {
  return typeof schema === 'object' ? schema : {};
}
