import { readFileSync } from 'node:fs';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, Changes, EventKind, JsonObject, LoggedEvent, Page, Row, Table } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import { capture } from '../src/consumers/capture.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';

const START = Date.UTC(2026, 0, 1);

/** A tenant in memory: the plugin's tables on the store of the testkit, and a log of events with their profiles. */
export function createLeadsTenant(initial: Settings = {}) {
  let settings = initial;
  const manifest = JSON.parse(readFileSync(new URL('../plugin.json', import.meta.url), 'utf8'));
  const specs = new Map(
    Object.entries<JsonObject>(manifest.contributes.tables).map(([name, table]) => [name, { name, key: String(table['key']), indexes: (table['indexes'] ?? {}) as Record<string, { fields: string[] }>, personal: (table['personal'] ?? []) as string[] }]),
  );
  const stores = createMemoryStores();
  const ready = stores.state.defineTables([...specs.values()]);
  const state = stores.state.tenant({ tenantId: 'acme', currentKeyId: 1, dataKeys: { 1: new Uint8Array(32) }, indexKey: new Uint8Array(32) });
  const log: LoggedEvent[] = [];
  const spec = (name: string) => {
    const found = specs.get(name);
    if (found === undefined) throw new TendrilError('PERMISSION_DENIED', { table: name });
    return found;
  };
  const table = <Value extends object>(name: string): Table<Value> => ({
    getMany: async (names) => (await state.get(spec(name), names)) as readonly (Row<Value> | undefined)[],
    get: async (key) => (await state.get(spec(name), [key]))[0] as Row<Value> | undefined,
    query: async (query) => (await state.query(spec(name), query)) as Page<Row<Value>>,
    aggregate: (query) => state.aggregate(spec(name), query),
  });

  function profile(id: string) {
    const events = log.filter(({ profileId }) => profileId === id);
    if (events.length === 0) throw new TendrilError('NOT_FOUND');
    return { id, identities: [`userId:${id}`], traits: Object.assign({}, ...events.map(({ traits }) => traits)) };
  }

  async function run<Result>(handler: (call: Call<Settings>) => Promise<Result>): Promise<Result> {
    await ready;
    const gathered: Parameters<typeof state.commit>[0][number][] = [];
    const guard = (expect: number | 'absent' | undefined) => (expect === undefined ? {} : { expect: expect === 'absent' ? 0 : expect });
    const changes: Changes = {
      put: (name, value, expect) => gathered.push({ op: 'put', table: spec(name), value: value as JsonObject, ...guard(expect) }),
      delete: (name, key, expect) => gathered.push({ op: 'delete', table: spec(name), key, ...guard(expect) }),
      emit: () => undefined,
      flush: async () => undefined,
    };
    const call = {
      settings,
      table,
      changes,
      clock: { now: () => START },
      signal: new AbortController().signal,
      log: { info: () => undefined },
      events: { ofPerson: async (identities: readonly string[]) => ({ items: log.filter(({ identities: { userId } }) => identities.includes(`userId:${userId}`)).toReversed() }) },
      actions: { call: async (_name: string, { id }: { id: string }) => profile(id) },
    } as unknown as Call<Settings>;
    const result = await handler(call);
    const committed = await state.commit(gathered);
    if (!committed.ok) throw new TendrilError('CONFLICT', { reason: committed.reason });
    return result;
  }

  return {
    run,
    configure: (next: Settings) => {
      settings = next;
    },
    /** Adds an event of `person` to the log; `deliver` brings it to the consumer. */
    append(kind: EventKind, name: string, person: string, { traits = {}, properties = {} }: { traits?: JsonObject; properties?: JsonObject } = {}): void {
      const position = log.length + 1;
      log.push({
        id: `m${position}`, position, kind, name, appId: 'app', isTest: false, occurredAt: START + position * 1000, receivedAt: START, identities: { userId: person },
        properties, traits, context: {}, isImported: false, hops: 0, profileId: person,
      });
    },
    /** Brings events from a position on to the consumer, in batches. */
    async deliver(from = 1, batchSize = 500): Promise<void> {
      for (let start = from - 1; start < log.length; start += batchSize) await run((call) => capture(log.slice(start, start + batchSize), call));
    },
    rows: async (name: string) => {
      await ready;
      return (await state.query(spec(name), { limit: 1000 })).items.map(({ value }) => value);
    },
    head: () => log.length,
  };
}
