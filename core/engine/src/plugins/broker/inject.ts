import type { JsonObject } from '@tendril/plugin-api';
import type { Connection as ConnectionKind } from '@tendril/schemas';

type Inject = NonNullable<ConnectionKind['inject']>;

/** Credentials as they go into one request. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/** Fills the manifest's templates with the fields of a connection. */
export function credentialsOf(inject: Inject, values: JsonObject): Credentials {
  const fill = (template: string): string => template.replace(/\{(\w+)\}/g, (_, field: string) => textOf(values[field]));
  const headers = fillAll(inject.headers ?? {}, fill);
  if (inject.basic !== undefined) {
    const pair = `${fill(inject.basic.user)}:${fill(inject.basic.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return { headers, query: fillAll(inject.query ?? {}, fill) };
}

function fillAll(templates: Readonly<Record<string, string>>, fill: (template: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(templates).map(([name, template]) => [name.toLowerCase() === 'authorization' ? 'authorization' : name, fill(template)]),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
