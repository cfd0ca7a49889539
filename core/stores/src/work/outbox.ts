import { outboxPlace } from './changeset.ts';
import type { StateTenant } from './state-scope.ts';
import type { StateSql } from './state-sql.ts';
import { ask, numberOf } from './step.ts';
import type { SqlRow, Work } from './step.ts';

/** An item of the outbox whose event is JSON text still. */
export interface TextOutboxItem {
  readonly id: number;
  readonly tenantId: string;
  readonly event: string;
}

/** Oldest first, passing over tenants whose keys are not at hand. */
export function* takeOutbox(sql: StateSql, tenants: ReadonlyMap<number, StateTenant>, limit: number): Work<readonly TextOutboxItem[]> {
  const items: TextOutboxItem[] = [];
  let after = 0;
  for (;;) {
    const rows: readonly SqlRow[] = yield* ask(sql.takeOutbox, after, limit);
    for (const row of rows) {
      const tenant = tenants.get(numberOf(row, 'tenant_no'));
      if (tenant === undefined || items.length === limit) continue;
      const { tenantId } = tenant.keyring;
      items.push({ id: numberOf(row, 'id'), tenantId, event: tenant.keyring.open(row, outboxPlace(tenantId)) });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit || items.length === limit) return items;
    after = numberOf(last, 'id');
  }
}
