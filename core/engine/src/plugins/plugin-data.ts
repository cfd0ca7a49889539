import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Row } from '@tendril/plugin-api';
import type { PluginDatum } from '../hub.ts';
import type { Change, TableSpec } from '../ports.ts';
import type { TenantOpener } from '../tenants/index.ts';
import type { LoadedPlugin } from './contract.ts';
import { dependantsOf } from './enabled-requirements.ts';
import type { Enablement } from './enablement.ts';
import { CONDITIONS, SETTINGS } from './enablement-tables.ts';
import { KEY_VALUES } from './key-value-table.ts';
import { MIGRATIONS } from './migrations/migrations-table.ts';

const AT_ONCE = 500;

/** What reaching a plugin's data needs of the host. */
export interface PluginDataOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly enablement: Enablement;
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
}

/** What plugins keep for tenants. */
export interface PluginData {
  /** Rows of its tables, then its values by key. */
  read(tenantId: string, plugin: LoadedPlugin): AsyncIterable<PluginDatum>;
  /** @throws TendrilError PLUGIN_REQUIRED_BY, CONFLICT while it is enabled */
  remove(tenantId: string, plugin: LoadedPlugin): Promise<{ readonly deleted: number }>;
}

/** @returns the way to what plugins keep */
export function createPluginData({ tenants, clock, enablement, plugins }: PluginDataOptions): PluginData {
  async function* rowsOf(tenantId: string, spec: TableSpec): AsyncIterable<Row> {
    const { state } = await tenants.open(tenantId);
    let cursor: string | undefined;
    do {
      const page = await state.query(spec, { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  /** What is deleted is gone, so it may be cut short anywhere and begun again. */
  async function clear(tenantId: string, spec: TableSpec, isMeant: (row: Row) => boolean = () => true): Promise<number> {
    const { state } = await tenants.open(tenantId);
    let deleted = 0;
    let cursor: string | undefined;
    do {
      const page = await state.query(spec, { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
      const meant = page.items.filter(isMeant);
      if (meant.length > 0) await state.commit(meant.map(({ value }): Change => ({ op: 'delete', table: spec, key: keyIn(value, spec) })));
      deleted += meant.length;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return deleted;
  }

  return {
    read: async function* (tenantId, plugin) {
      for (const [table, spec] of plugin.tables) for await (const { value } of rowsOf(tenantId, spec)) yield { table, row: value };
      for await (const row of rowsOf(tenantId, KEY_VALUES)) {
        const { value } = row;
        const { expiresAt, owner } = value;
        if (!isOf(plugin, row)) continue;
        if (typeof expiresAt === 'number' && expiresAt <= clock.now()) continue;
        yield {
          key: keyIn(value, KEY_VALUES).slice(plugin.id.length + 1),
          value: value['value'] ?? null,
          ...(typeof owner === 'string' && { owner }),
          ...(typeof expiresAt === 'number' && { expiresAt }),
        };
      }
    },
    remove: async (tenantId, plugin) => {
      const { enabled } = await enablement.now(tenantId);
      const dependants = dependantsOf(plugin.id, enabled, plugins());
      if (enabled.has(plugin.id) && dependants.length > 0) throw new TendrilError('PLUGIN_REQUIRED_BY', { plugin: plugin.id, dependants });
      if (enabled.has(plugin.id)) throw new TendrilError('CONFLICT', { plugin: plugin.id, reason: 'it is enabled; disable it first' });
      let deleted = await clear(tenantId, KEY_VALUES, (row) => isOf(plugin, row));
      for (const spec of plugin.tables.values()) deleted += await clear(tenantId, spec);
      // Last, so that one that was cut short is found again with what it was.
      const { state } = await tenants.open(tenantId);
      await state.commit([
        ...[SETTINGS, CONDITIONS].map((table): Change => ({ op: 'delete', table, key: plugin.id })),
        // What is written next is in the version of whoever writes it.
        ...[...plugin.tables.keys()].map((table): Change => ({ op: 'delete', table: MIGRATIONS, key: `${plugin.id}.${table}` })),
      ]);
      enablement.changed(tenantId);
      return { deleted };
    },
  };
}

/** Keys of values may be personal, so the store cannot be asked for a range of them. */
function isOf({ id }: LoadedPlugin, { value }: Row): boolean {
  return keyIn(value, KEY_VALUES).startsWith(`${id}/`);
}

function keyIn(value: JsonObject, { key }: TableSpec): string {
  const found = value[key];
  return typeof found === 'string' ? found : '';
}
