import type { JsonObject } from '@tendril/plugin-api';
import type { Manifest } from '@tendril/schemas';
import type { PluginSchemas } from '../contract.ts';
import type { ReadableFields } from './call-scope.ts';

/** Secret in every connection of type `oauth2`, whatever its schema says. */
const TOKENS: ReadonlySet<string> = new Set(['accessToken', 'refreshToken', 'clientSecret']);

/** The schema of a kind of connection with the fields only that expressions may read. */
export function readableSchema(manifest: Manifest, schemas: PluginSchemas, kind: string): JsonObject {
  const schema = asObject(schemas.connections.get(kind)?.schema);
  const isOauth2 = manifest.connections?.[kind]?.type === 'oauth2';
  const properties = Object.entries(asObject(schema['properties'])).filter(([name, field]) => {
    const { writeOnly, 'x-secret': isSecret } = asObject(field);
    return writeOnly !== true && isSecret !== true && !(isOauth2 && TOKENS.has(name));
  });
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}

/** Made once per plugin. */
export function readableFields(manifest: Manifest, schemas: PluginSchemas): ReadableFields {
  return new Map(
    Object.keys(manifest.connections ?? {}).map((kind) => [
      kind,
      Object.keys(asObject(readableSchema(manifest, schemas, kind)['properties'])),
    ]),
  );
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
