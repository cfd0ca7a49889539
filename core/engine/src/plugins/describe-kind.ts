import type { JsonObject } from '@tendril/plugin-api';
import type { Connection as ManifestConnection } from '@tendril/schemas';
import type { LoadedPlugin } from './contract.ts';

/** A kind of connection as the vault needs it. */
export interface DescribedConnectionKind {
  readonly schema: JsonObject;
  readonly secretFields: readonly string[];
  readonly testAction?: string;
  readonly oauth2?: JsonObject;
}

/** A kind of connection of a plugin; `undefined` when there is none of that name. */
export function describeKind(plugin: LoadedPlugin | undefined, kind: string): DescribedConnectionKind | undefined {
  const kinds: Readonly<Record<string, ManifestConnection>> = plugin?.manifest.connections ?? {};
  const described = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (plugin === undefined || described === undefined) return undefined;
  const schema = asObject(plugin.schemas.connections.get(kind)?.schema);
  const secretFields = Object.entries(asObject(schema['properties']))
    .filter(([, field]) => asObject(field)['writeOnly'] === true || asObject(field)['x-secret'] === true)
    .map(([name]) => name);
  return {
    schema,
    secretFields,
    ...(described.test !== undefined && { testAction: `${plugin.id}.${described.test}` }),
    ...(described.oauth2 !== undefined && { oauth2: described.oauth2 as unknown as JsonObject }),
  };
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
