import type { JsonObject } from '@tendril/plugin-api';
import { indexedFields } from '@tendril/engine/ports';
import type { Change, PutRow, TableSpec } from '@tendril/engine/ports';

/**
 * A change as the work sees it: its table is named only; a row and an event are the JSON text that is sealed, and of a
 * row's members those are at hand that its key and its indexes are made of.
 */
export type NamedChange =
  | Exclude<Change, { readonly op: 'put' | 'delete' | 'emit' }>
  | { readonly op: 'put'; readonly table: string; readonly value: JsonObject; readonly json: string; readonly expect?: number }
  | { readonly op: 'delete'; readonly table: string; readonly key: string; readonly expect?: number }
  | { readonly op: 'emit'; readonly json: string };

/**
 * A changeset on its way to a worker. Texts of rows and events stay apart from the rest, in the order of their changes:
 * within another text they would be escaped, read and written a second time.
 */
export interface PackedChanges {
  readonly head: string;
  readonly texts: readonly string[];
}

/** Packs changesets. It has to know of a table before its rows are written. */
export class ChangePacker {
  readonly #fieldsByTable = new Map<string, Set<string>>();
  /** Whether a definition names all fields that are known of its table. */
  #isWhole = new WeakMap<TableSpec, boolean>();

  /** A table that is defined again keeps its former fields: changes may go by either definition. */
  define(specs: readonly TableSpec[]): void {
    this.#isWhole = new WeakMap();
    for (const spec of specs) {
      const fields = this.#fieldsByTable.get(spec.name) ?? new Set();
      this.#fieldsByTable.set(spec.name, fields);
      for (const field of indexedFields(spec)) fields.add(field);
    }
  }

  /** What the caller does with its objects afterwards does not matter. */
  pack(changes: readonly Change[]): PackedChanges {
    const texts: string[] = [];
    const named = changes.map((change) => {
      switch (change.op) {
        case 'put':
          texts.push(change.text?.json ?? JSON.stringify(change.value));
          return { op: change.op, table: change.table.name, value: this.#membersOf(change), expect: change.expect };
        case 'delete':
          return { ...change, table: change.table.name };
        case 'emit':
          texts.push(JSON.stringify(change.event));
          return { op: change.op };
        default:
          return change;
      }
    });
    return { head: JSON.stringify(named), texts };
  }

  #membersOf(change: PutRow): JsonObject {
    const { table, text } = change;
    const fields = this.#fieldsByTable.get(table.name);
    if (text !== undefined && fields !== undefined && this.#hasAll(table, fields)) return text.members;
    const { value } = change;
    if (fields === undefined) return value;
    const picked: Record<string, JsonObject[string]> = {};
    for (const field of fields) {
      const member = value[field];
      if (member !== undefined && Object.hasOwn(value, field)) picked[field] = member;
    }
    return picked;
  }

  #hasAll(table: TableSpec, fields: ReadonlySet<string>): boolean {
    let isWhole = this.#isWhole.get(table);
    if (isWhole === undefined) {
      isWhole = new Set(indexedFields(table)).isSupersetOf(fields);
      this.#isWhole.set(table, isWhole);
    }
    return isWhole;
  }
}

/** What was packed. */
export function unpackChanges({ head, texts }: PackedChanges): readonly NamedChange[] {
  let next = 0;
  return (JSON.parse(head) as NamedChange[]).map((change) => {
    if (change.op !== 'put' && change.op !== 'emit') return change;
    const json = texts[next] ?? '';
    next += 1;
    return { ...change, json };
  });
}
