import { TendrilError } from '@tendril/plugin-api';
import { queryAll } from '../tenants/index.ts';
import type { TenantOpener } from '../tenants/index.ts';
import { fromConnectionRecord, toConnectionRecord } from './connection-record.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { CONNECTIONS } from './tables.ts';

/** A record with the version that a conditional write compares. */
export interface VersionedConnection {
  readonly record: ConnectionRecord;
  readonly version: number;
}

/** Sealed connections of all tenants, each asked for with its tenant. */
export class ConnectionStore {
  readonly #tenants: TenantOpener;

  constructor(tenants: TenantOpener) {
    this.#tenants = tenants;
  }

  async find(tenantId: string, name: string): Promise<VersionedConnection | undefined> {
    const { state } = await this.#tenants.open(tenantId);
    const [row] = await state.get(CONNECTIONS, [name]);
    return row === undefined ? undefined : { record: toConnectionRecord(row.value), version: row.version };
  }

  /** @throws TendrilError CONNECTION_UNKNOWN */
  async get(tenantId: string, name: string): Promise<VersionedConnection> {
    const found = await this.find(tenantId, name);
    if (found === undefined) throw new TendrilError('CONNECTION_UNKNOWN', { connection: name });
    return found;
  }

  async list(tenantId: string): Promise<readonly ConnectionRecord[]> {
    const { state } = await this.#tenants.open(tenantId);
    return (await queryAll(state, CONNECTIONS)).map((row) => toConnectionRecord(row.value));
  }

  /** @returns whether the version was still the expected one; always without `expect` */
  async put(tenantId: string, record: ConnectionRecord, expect?: number): Promise<boolean> {
    const { state } = await this.#tenants.open(tenantId);
    const result = await state.commit([
      { op: 'put', table: CONNECTIONS, value: fromConnectionRecord(record), ...(expect === undefined ? {} : { expect }) },
    ]);
    return result.ok;
  }

  async remove(tenantId: string, name: string): Promise<void> {
    const { state } = await this.#tenants.open(tenantId);
    await state.commit([{ op: 'delete', table: CONNECTIONS, key: name }]);
  }

  /** Changes a record until nobody else's write comes between. @throws TendrilError CONNECTION_UNKNOWN */
  async update(tenantId: string, name: string, change: (record: ConnectionRecord) => ConnectionRecord): Promise<ConnectionRecord> {
    for (;;) {
      const { record, version } = await this.get(tenantId, name);
      const next = change(record);
      if (next === record || (await this.put(tenantId, next, version))) return next;
    }
  }
}
