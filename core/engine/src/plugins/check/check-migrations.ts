import type { Manifest } from '@tendril/schemas';
import { compileExpression, splitTemplate } from '../../expressions/index.ts';
import { MIGRATION_ROOTS } from '../migrations/change-row.ts';
import type { Migration } from '../migrations/change-row.ts';
import { toPointer } from '../pointer.ts';

type Report = (pointer: string, message: string, suggestion?: string) => void;

/** One migration for each version of a table from 2 on, none that touches the key, and every expression sound. */
export function checkMigrations({ contributes }: Manifest, report: Report): void {
  for (const [id, { key, version = 1, migrations = [] }] of Object.entries(contributes.tables ?? {})) {
    const at = toPointer('contributes', 'tables', id);
    const versions = migrations.map((migration) => migration.version);
    for (let wanted = 2; wanted <= version; wanted += 1)
      if (versions.filter((each) => each === wanted).length !== 1) report(`${at}/migrations`, `needs one migration to version ${wanted}`);
    for (const [index, migration] of migrations.entries()) {
      const place = `${at}/migrations/${index}`;
      if (migration.version > version) report(`${place}/version`, `is above the table's version, ${version}`);
      if (touches(migration, key)) report(place, `changes ${key}, the key: rows are found by it`);
      checkExpressions(migration.set ?? {}, `${place}/set`, report);
    }
  }
}

function touches({ rename = {}, set = {}, remove = [] }: Migration, key: string): boolean {
  return key in set || remove.includes(key) || Object.entries(rename).some(([from, to]) => from === key || to === key);
}

function checkExpressions(value: unknown, pointer: string, report: Report): void {
  if (typeof value === 'string') {
    const { parts, fault } = splitTemplate(value);
    if (fault !== undefined) report(pointer, fault.message);
    for (const part of parts) {
      if (!('expression' in part)) continue;
      const compiled = compileExpression(part.expression, MIGRATION_ROOTS);
      if ('fault' in compiled) report(pointer, compiled.fault.message);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) checkExpressions(member, `${pointer}${toPointer(name)}`, report);
}
