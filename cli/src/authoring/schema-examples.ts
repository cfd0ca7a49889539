import type { JsonObject } from '@tendril/plugin-api';
import type { CompiledSchema } from '@tendril/engine/plugins';
import type { ManifestProblem } from './manifest-places.ts';

/** The schemas of a manifest, as the engine compiled them. */
interface Schemas {
  readonly settings: CompiledSchema;
  readonly actions: ReadonlyMap<string, { readonly input: CompiledSchema; readonly output: CompiledSchema }>;
  readonly triggers: ReadonlyMap<string, { readonly input: CompiledSchema; readonly output: CompiledSchema }>;
  readonly tables: ReadonlyMap<string, CompiledSchema>;
  readonly connections: ReadonlyMap<string, CompiledSchema>;
  readonly events: ReadonlyMap<string, CompiledSchema>;
}

/** Examples that do not match their schema, and counterexamples (`x-counterexamples`) that do. */
export function checkSchemaExamples(schemas: Schemas): readonly ManifestProblem[] {
  const pairs = (kind: 'actions' | 'triggers'): readonly (readonly [string, CompiledSchema])[] =>
    [...schemas[kind]].flatMap(([id, { input, output }]) => [
      [`/contributes/${kind}/${id}/input`, input] as const,
      [`/contributes/${kind}/${id}/output`, output] as const,
    ]);
  return [
    ['/config', schemas.settings] as const,
    ...pairs('actions'),
    ...pairs('triggers'),
    ...[...schemas.tables].map(([id, schema]) => [`/contributes/tables/${id}/schema`, schema] as const),
    ...[...schemas.connections].map(([id, schema]) => [`/connections/${id}/schema`, schema] as const),
    ...[...schemas.events].map(([id, schema]) => [`/contributes/events/${escape(id)}/properties`, schema] as const),
  ].flatMap(([pointer, schema]) => checkExamples(pointer, schema));
}

function checkExamples(pointer: string, compiled: CompiledSchema): readonly ManifestProblem[] {
  const { schema } = compiled;
  if (typeof schema === 'boolean') return [];
  const wrong = listOf(schema['examples']).flatMap((example, index) =>
    compiled
      .validate(structuredClone(example))
      .map((problem) => ({ ...problem, pointer: `${pointer}/examples/${index}${problem.pointer}` })),
  );
  const right = listOf(schema['x-counterexamples']).flatMap((counterexample, index) => {
    const { value } = counterexample as JsonObject;
    const isRefused = value === undefined || compiled.validate(structuredClone(value)).length > 0;
    return isRefused ? [] : [{ pointer: `${pointer}/x-counterexamples/${index}`, message: 'matches the schema, and should not' }];
  });
  return [...wrong, ...right];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function escape(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
