import { readFileSync } from 'node:fs';
import type { ActionHandler, Call, ConsumerHandler, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import leads from '@tendril/plugin-leads';

const { contributes } = JSON.parse(readFileSync(new URL('../../plugins/leads/plugin.json', import.meta.url), 'utf8'));

/** One contact with what was known at it, and what came of it. */
export interface Contact {
  readonly id: string;
  readonly at: number;
  readonly traits: JsonObject;
  readonly properties: JsonObject;
  readonly isPositive: boolean;
}

/** The plugin `leads` on tables in memory, driven by its own handlers. */
export function createLeadsTenant(contacts: readonly Contact[], settings: object) {
  const actions = new Map<string, ActionHandler>();
  const consumers = new Map<string, ConsumerHandler>();
  leads.setup({
    action: (id, handler) => void actions.set(id, handler as unknown as ActionHandler),
    consumer: (id, handler) => void consumers.set(id, handler as unknown as ConsumerHandler),
    check: () => undefined,
    schedule: () => undefined,
    trigger: () => undefined,
    route: () => undefined,
    webhook: () => undefined,
    agent: () => undefined,
    driver: () => undefined,
    onStop: () => undefined,
  });
  const profiles = new Map(contacts.map(({ id, traits }) => [id, { id, traits, identities: [`userId:${id}`] }]));
  const keys = Object.fromEntries(
    Object.entries(contributes.tables as Readonly<Record<string, { readonly key: string }>>).map(([name, { key }]) => [name, key]),
  );
  const tables = new Map(Object.keys(keys).map((name) => [name, new Map<string, { key: string; version: number; value: JsonObject }>()]));
  const tableOf = (name: string) => tables.get(name) ?? new Map<string, { key: string; version: number; value: JsonObject }>();
  const call = {
    settings,
    clock: { now: () => 0 },
    signal: new AbortController().signal,
    log: { info: () => undefined },
    actions: { call: async (_name: string, { id }: { id: string }) => profiles.get(id) },
    changes: {
      put: (name: string, value: JsonObject) => {
        const key = value[keys[name] ?? ''];
        if (typeof key !== 'string') throw new TypeError(`A row of ${name} has no key.`);
        tableOf(name).set(key, { key, version: (tableOf(name).get(key)?.version ?? 0) + 1, value });
      },
    },
    table: (name: string) => ({
      get: async (key: string) => tableOf(name).get(key),
      getMany: async (names: readonly string[]) => names.map((key) => tableOf(name).get(key)),
      query: async ({ limit = 100, cursor, index }: { limit?: number; cursor?: string; index?: string }) => {
        const field = index === 'by_time' ? 'at' : undefined;
        const sorted = [...tableOf(name).values()];
        if (field === undefined) sorted.reverse();
        const from = Number(cursor ?? 0);
        return { items: sorted.slice(from, from + limit), ...(from + limit < sorted.length ? { nextCursor: String(from + limit) } : {}) };
      },
    }),
  } as unknown as Call;
  return {
    addExample: ({ id, at, traits, properties, isPositive }: Contact) => {
      const { email: _email, ...known } = traits;
      const named = (prefix: string, values: JsonObject) =>
        Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]));
      tableOf('examples').set(id, {
        key: id,
        version: 1,
        value: { id, at, person: id, outcome: id, isPositive, values: { ...named('traits', known), ...named('properties', properties) } },
      });
    },
    act: async <Output>(name: string, input: JsonObject): Promise<Output> => (await actions.get(name)?.(input, call)) as Output,
    consume: async (events: readonly LoggedEvent[]) => consumers.get('capture')?.(events, call),
  };
}
