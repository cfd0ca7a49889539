import { entriesOf, encodeKey, keyOf } from '../tables/table-definition.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { bytesOfHash } from './gate-book.ts';
import { fromJobRow } from './job-row.ts';
import type { NamedChange } from './packed-changes.ts';
import { findTable } from './state-scope.ts';
import type { StateScope } from './state-scope.ts';
import { foresee } from './step.ts';
import type { Step, Work } from './step.ts';

/** A changeset and whose it is. */
export interface ScopedChanges {
  readonly scope: StateScope;
  readonly changes: readonly NamedChange[];
}

/** Has the rows fetched at once that a group of changesets is going to ask for; then the gates of the jobs among them. */
export function* foreseeChangesets(group: readonly ScopedChanges[]): Work<void> {
  yield* foresee(group.flatMap(({ scope, changes }) => readsOfAll(scope, changes)));
  const gates: Step[] = [];
  for (const { scope, changes } of group) for (const change of changes) gates.push(...(yield* gatesOf(scope, change)));
  yield* foresee(gates);
}

// What is wrong with a changeset is found, and told, when it is applied.
function readsOfAll(scope: StateScope, changes: readonly NamedChange[]): readonly Step[] {
  try {
    return changes.flatMap((change) => readsOf(scope, change));
  } catch {
    return [];
  }
}

function readsOf(scope: StateScope, change: NamedChange): readonly Step[] {
  const { sql, tenant } = scope;
  switch (change.op) {
    case 'put': {
      const table = findTable(scope.tables, change.table);
      const key = encodeKey(table.spec, keyOf(table.spec, change.value), tenant.keyring.hash);
      const record = { sql: sql.findRecord, values: [tenant.tenantNo, table.tableNo, key] };
      return [record, ...ownersOf(scope, table, change.value, key)];
    }
    case 'delete': {
      const table = findTable(scope.tables, change.table);
      const key = encodeKey(table.spec, change.key, tenant.keyring.hash);
      return [{ sql: sql.findRecord, values: [tenant.tenantNo, table.tableNo, key] }];
    }
    case 'count':
      return [{ sql: sql.findCounter, values: [tenant.tenantNo, tenant.keyring.hash(`counter:${change.counter}`)] }];
    case 'emit':
      return [];
    case 'job':
      return [{ sql: sql.findJob, values: [tenant.tenantNo, change.job.id] }];
    default:
      return [{ sql: sql.findJob, values: [tenant.tenantNo, change.jobId] }];
  }
}

function ownersOf(scope: StateScope, table: TableDefinition, value: Parameters<typeof entriesOf>[1], key: Uint8Array): readonly Step[] {
  const unique = new Set(table.indexes.filter(({ isUnique }) => isUnique).map(({ indexNo }) => indexNo));
  if (unique.size === 0) return [];
  return entriesOf(table, value, scope.tenant.keyring.hash)
    .filter(({ indexNo }) => unique.has(indexNo))
    .map(({ indexNo, entry }) => ({ sql: scope.sql.entryOwner, values: [scope.tenant.tenantNo, indexNo, entry, key] }));
}

function* gatesOf({ sql, tenant }: StateScope, change: NamedChange): Work<readonly Step[]> {
  const isOut = change.op === 'finish' || change.op === 'reschedule' || change.op === 'bury';
  if (!isOut && !(change.op === 'wake' && change.pastGates === true)) return [];
  const [row] = yield { sql: sql.findJob, values: [tenant.tenantNo, change.jobId] };
  if (row === undefined || row['gates'] === null) return [];
  return fromJobRow(row).gates.map(({ hash }) => ({ sql: sql.findGate, values: [tenant.tenantNo, bytesOfHash(hash)] }));
}
