import { readFileSync } from 'node:fs';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, Changes, JsonObject, LoggedEvent, Page, Row, Table } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';

/** A tenant in memory with the tables of this plugin's manifest. */
export function createTenant<Settings>(settings: Settings, events: readonly LoggedEvent[] = []) {
  const manifest = JSON.parse(readFileSync(new URL('../plugin.json', import.meta.url), 'utf8'));
  const specs = new Map<string, { name: string; key: string; indexes: Record<string, { fields: string[] }>; personal: string[] }>(
    Object.entries<JsonObject>(manifest.contributes.tables ?? {}).map(([name, table]) => [name, { name, key: String(table['key']), indexes: (table['indexes'] ?? {}) as never, personal: (table['personal'] ?? []) as never }]),
  );
  const stores = createMemoryStores();
  const ready = stores.state.defineTables([...specs.values()]);
  const keys = { tenantId: 'acme', currentKeyId: 1, dataKeys: { 1: new Uint8Array(32) }, indexKey: new Uint8Array(32) };
  const state = stores.state.tenant(keys);
  const spec = (name: string) => {
    const found = specs.get(name);
    if (found === undefined) throw new TendrilError('PERMISSION_DENIED', { table: name });
    return found;
  };
  const reads: string[] = [];
  const table = <Value extends object>(name: string): Table<Value> => ({
    getMany: async (names) => {
      await ready;
      reads.push(name);
      return (await state.get(spec(name), names)) as readonly (Row<Value> | undefined)[];
    },
    get: async (key) => (await state.get(spec(name), [key]))[0] as Row<Value> | undefined,
    query: async (query) => (await state.query(spec(name), query)) as Page<Row<Value>>,
    aggregate: (query) => state.aggregate(spec(name), query),
  });

  async function run<Result>(handler: (call: Call<Settings>) => Promise<Result>): Promise<Result> {
    await ready;
    const gathered: Parameters<typeof state.commit>[0][number][] = [];
    const changes: Changes = {
      put: (name, value, expect) => gathered.push({ op: 'put', table: spec(name), value: value as JsonObject, ...(expect === undefined ? {} : { expect: expect === 'absent' ? 0 : expect }) }),
      delete: (name, key, expect) => gathered.push({ op: 'delete', table: spec(name), key, ...(expect === undefined ? {} : { expect: expect === 'absent' ? 0 : expect }) }),
      emit: () => assertNever(),
      flush: async () => undefined,
    };
    const ofPerson = async (identities: readonly string[]) => ({
      items: events.filter((event) => identities.includes(`userId:${event.identities.userId}`) || identities.includes(`anonymousId:${event.identities.anonymousId}`)).toReversed(),
    });
    const call = { settings, table, changes, events: { ofPerson }, clock: { now: () => 0 } } as unknown as Call<Settings>;
    const result = await handler(call);
    const committed = await state.commit(gathered);
    if (!committed.ok) throw new TendrilError('CONFLICT', { reason: committed.reason });
    return result;
  }
  return { run, reads, writes: () => reads.length };
}

function assertNever(): never {
  throw new Error('nothing may be emitted');
}
