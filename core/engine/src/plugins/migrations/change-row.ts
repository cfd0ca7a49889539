import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Table } from '@tendril/schemas';
import { compileObject, createRootSet } from '../../expressions/index.ts';

/** What expressions of migrations read. */
export const MIGRATION_ROOTS = createRootSet(['row']);

/** One migration of a manifest. */
export type Migration = NonNullable<Table['migrations']>[number];

/** Brings a row from the version before to that of a migration. */
export type ChangeRow = (row: JsonObject) => JsonObject;

/** Compiles the migrations between two versions, to be done one after another. @throws EvaluationFault when an expression does not compile */
export function compileMigrations(table: Table, from: number, to: number): ChangeRow {
  const steps = (table.migrations ?? [])
    .filter(({ version }) => version > from && version <= to)
    .toSorted((a, b) => a.version - b.version)
    .map(compileMigration);
  return (row) => {
    let changed = row;
    for (const step of steps) changed = step(changed);
    return changed;
  };
}

/** Renames first, then sets (expressions see the row with the new names), then removes. */
function compileMigration({ rename = {}, set = {}, remove = [] }: Migration): ChangeRow {
  const compute = compileObject(set as JsonObject, MIGRATION_ROOTS);
  return (row) => {
    const renamed: Record<string, Json | undefined> = {};
    for (const [name, value] of Object.entries(row)) if (value !== undefined) renamed[own(rename, name) ?? name] = value;
    const changed: Record<string, Json | undefined> = { ...renamed, ...compute({ row: renamed }) };
    for (const name of remove) delete changed[name];
    return changed;
  };
}

function own(names: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}
