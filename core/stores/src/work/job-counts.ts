import type { JobScope } from './state-scope.ts';
import type { StateSql } from './state-sql.ts';
import { ask, numberOf, textOf } from './step.ts';
import type { Work } from './step.ts';

/** How many jobs of a tenant and kind there are. Those that wait at a gate wait, too. */
export interface JobCount {
  readonly tenantId: string;
  readonly kind: string;
  readonly state: 'waiting' | 'dead';
  readonly count: number;
}

/** Keeps count of a job that came, went or was buried. */
export function* addToCount({ sql, tenant }: JobScope, kind: string, state: JobCount['state'], by: number): Work<void> {
  yield* ask(sql.addToCount, tenant.tenantNo, kind, state === 'dead' ? 1 : 0, by);
}

/** How many jobs wait and how many are buried, by tenant and kind, as they were counted when they came and went. */
export function* countJobs(sql: StateSql): Work<readonly JobCount[]> {
  const rows = yield* ask(sql.countJobs);
  return rows.map((row) => ({
    tenantId: textOf(row, 'tenant_id'),
    kind: textOf(row, 'kind'),
    state: numberOf(row, 'is_dead') === 1 ? 'dead' : 'waiting',
    count: numberOf(row, 'jobs'),
  }));
}
