import type { Json, JsonObject } from '@tendril/plugin-api';
import { indexedFields } from '../ports.ts';
import type { PutRow, TableSpec } from '../ports.ts';
import { copyJson } from './copy-json.ts';

/**
 * A row that a handler has put. Until it is committed it is held as one text: what the handler does to its own afterwards
 * is not written, and the many rows of a batch in flight are no load on memory's upkeep.
 */
export class GatheredRow implements PutRow {
  readonly op = 'put';
  readonly table: TableSpec;
  readonly expect?: number;
  readonly text: NonNullable<PutRow['text']>;

  /** @param value what `json` says */
  constructor(table: TableSpec, value: JsonObject, json: string, expect: number | undefined) {
    this.table = table;
    if (expect !== undefined) this.expect = expect;
    this.text = { json, members: membersOf(table, value) };
  }

  /** Each time another copy. */
  get value(): JsonObject {
    return JSON.parse(this.text.json) as JsonObject;
  }

  /** Changes that are written down tell rows, not their texts. */
  toJSON(): PutRow {
    const { op, table, value, expect } = this;
    return { op, table, value, ...(expect !== undefined && { expect }) };
  }
}

const fieldsByTable = new WeakMap<TableSpec, ReadonlySet<string>>();

function membersOf(table: TableSpec, value: JsonObject): JsonObject {
  let fields = fieldsByTable.get(table);
  if (fields === undefined) {
    fields = new Set(indexedFields(table));
    fieldsByTable.set(table, fields);
  }
  const members: Record<string, Json> = {};
  for (const field of fields) {
    const member = value[field];
    if (member !== undefined && Object.hasOwn(value, field)) members[field] = copyJson(member);
  }
  return members;
}
