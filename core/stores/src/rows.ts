import type { JsonObject, Row } from '@tendril/plugin-api';
import type { TableSpec } from '@tendril/engine/ports';
import type { TextRow } from './work/record-reads.ts';

/** A row from its JSON text. The key is the value's own: what is stored may be its hash. */
export function toRow(table: TableSpec, { version, json }: TextRow): Row {
  const value = JSON.parse(json) as JsonObject;
  const key = value[table.key];
  return { key: typeof key === 'string' ? key : '', version, value };
}
