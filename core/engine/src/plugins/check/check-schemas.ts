import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { Manifest } from '@tendril/schemas';
import { compileSchema } from '../../events/index.ts';
import type { Problem } from '../../hub.ts';
import type { CompiledSchema, PluginSchemas, PluginSource } from '../contract.ts';
import { toPointer } from '../pointer.ts';
import { resolveReferences } from '../resolve-references.ts';
import { fanOutOf } from './schema-fan-out.ts';
import { createSchemaCompiler } from '../schema-compiler.ts';

const ANY_OBJECT: JsonObject = { type: 'object' };
const NO_SETTINGS: JsonObject = { type: 'object', additionalProperties: false };
// What the vault keeps in every connection of this type, whatever the manifest's schema says.
const TOKENS: JsonObject = {
  type: 'object',
  properties: {
    accessToken: { type: 'string', writeOnly: true },
    refreshToken: { type: 'string', writeOnly: true },
    expiresAt: { type: 'number' },
    clientId: { type: 'string' },
    clientSecret: { type: 'string', writeOnly: true },
  },
};

/** Resolves and compiles every schema of a manifest, and holds its examples against them. */
export async function checkSchemas(
  manifest: Manifest,
  source: PluginSource,
): Promise<{ readonly schemas: PluginSchemas; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const compiler = createSchemaCompiler();

  async function compile(schema: unknown, pointer: string, use: 'input' | 'output'): Promise<CompiledSchema> {
    const resolved = await resolveReferences(schema as JsonObject | boolean, pointer, (path) => source.read(path));
    problems.push(...resolved.problems);
    const fallback: CompiledSchema = { schema: resolved.schema, validate: () => [] };
    if (resolved.problems.length > 0) return fallback;
    const fanOut = fanOutOf(resolved.schema);
    if (fanOut !== undefined) {
      problems.push({ pointer, message: fanOut });
      return fallback;
    }
    try {
      return compiler[use](resolved.schema);
    } catch (error) {
      problems.push({
        pointer,
        message: `is no strict JSON Schema (2020-12): ${error instanceof Error ? error.message : 'it does not compile'}`,
      });
      return fallback;
    }
  }

  async function compileAll<Item>(
    name: string,
    items: Readonly<Record<string, Item>> | undefined,
    schemaOf: (item: Item) => unknown,
    member: string,
  ): Promise<Map<string, CompiledSchema>> {
    const compiled = new Map<string, CompiledSchema>();
    for (const [id, item] of Object.entries(items ?? {})) {
      compiled.set(id, await compile(schemaOf(item), `${name}${toPointer(id, member)}`, 'output'));
    }
    return compiled;
  }

  const { contributes } = manifest;
  const actions = new Map<string, { input: CompiledSchema; output: CompiledSchema }>();
  for (const [id, action] of Object.entries(contributes.actions ?? {})) {
    const at = toPointer('contributes', 'actions', id);
    const input = await compile(action.input, `${at}/input`, 'input');
    const output = await compile(action.output, `${at}/output`, 'output');
    actions.set(id, { input, output });
    for (const [index, example] of (action.examples ?? []).entries()) {
      problems.push(...within(`${at}/examples/${index}/input`, input.validate(structuredClone(example.input))));
      if (example.output !== undefined) problems.push(...within(`${at}/examples/${index}/output`, output.validate(example.output)));
    }
  }
  const triggers = new Map<string, { input: CompiledSchema; output: CompiledSchema }>();
  for (const [id, trigger] of Object.entries(contributes.triggers ?? {})) {
    const at = toPointer('contributes', 'triggers', id);
    const input = await compile(trigger.input ?? NO_SETTINGS, `${at}/input`, 'input');
    triggers.set(id, { input, output: await compile(trigger.output, `${at}/output`, 'output') });
  }
  const routes = new Map<string, { input: CompiledSchema | undefined; output: CompiledSchema | undefined }>();
  for (const [id, route] of Object.entries(contributes.routes ?? {})) {
    const at = toPointer('contributes', 'routes', id);
    const input = route.input === undefined ? undefined : await compile(route.input, `${at}/input`, 'input');
    routes.set(id, { input, output: route.output === undefined ? undefined : await compile(route.output, `${at}/output`, 'output') });
  }
  const webhooks = new Map<string, CompiledSchema>();
  for (const [id, { schema }] of Object.entries(contributes.webhooks ?? {})) {
    if (schema !== undefined) webhooks.set(id, await compile(schema, `${toPointer('contributes', 'webhooks', id)}/schema`, 'output'));
  }
  const schemas: PluginSchemas = {
    settings: await compile(manifest.config ?? NO_SETTINGS, '/config', 'input'),
    actions,
    tables: await compileAll('/contributes/tables', contributes.tables, (table) => table.schema, 'schema'),
    connections: await compileAll(
      '/connections',
      manifest.connections,
      (kind) => kind.schema ?? (kind.type === 'oauth2' ? TOKENS : ANY_OBJECT),
      'schema',
    ),
    events: await compileAll('/contributes/events', contributes.events, (event) => event.properties, 'properties'),
    triggers,
    routes,
    webhooks,
  };
  for (const [name, { schema }] of schemas.events)
    problems.push(...hardToCheck(schema, toPointer('contributes', 'events', name, 'properties')));
  return { schemas, problems };
}

/** Anybody may send events: what they are held against has to be checked in linear time. */
function hardToCheck(schema: JsonObject | boolean, pointer: string): readonly Problem[] {
  if (typeof schema === 'boolean') return [];
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    const { expected, reason } = TendrilError.is(error) ? error.details : {};
    return [{ pointer, message: `cannot hold for events: ${textOf(expected ?? reason)}` }];
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'it is no JSON Schema that is checked in linear time';
}

function within(pointer: string, problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }));
}
