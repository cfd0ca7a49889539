import type { Call, JsonObject } from '@tendril/plugin-api';
import type { Settings, TemplatesRow } from '../src/gen/manifest.gen.ts';

/** A tenant's call in memory: one table, one person, one connection. */
export function emailCall(options: {
  readonly values?: JsonObject;
  readonly settings?: Settings;
  readonly address?: string;
  readonly idempotencyKey?: string;
  readonly templates?: Map<string, TemplatesRow>;
  readonly traits?: JsonObject;
  readonly fetch?: (url: string) => Response;
}): Call<Settings> {
  const templates = options.templates ?? new Map<string, TemplatesRow>();
  const row = (name: string) => {
    const value = templates.get(name);
    return value === undefined ? undefined : { key: name, version: value.version, value };
  };
  return {
    tenant: { id: 'acme', name: 'Acme', timeZone: 'UTC' },
    settings: options.settings ?? {},
    idempotencyKey: options.idempotencyKey ?? 'run-7-2',
    clock: { now: () => Date.UTC(2026, 0, 1) },
    signal: new AbortController().signal,
    connection: { name: 'smtp', kind: 'smtp', isSandbox: true, values: options.values ?? {} },
    permit: { id: 'p', personId: 'p1', channel: 'email', purpose: 'marketing', address: options.address ?? 'ada@example.invalid', unsubscribeUrl: 'https://hub.example/u?t=a&b=1' },
    actions: { call: async () => ({ id: 'p1', traits: options.traits ?? { firstName: 'Ada <b>' } }) },
    table: () => ({ get: async (name: string) => row(name), query: async () => ({ items: [...templates.keys()].toSorted().map(row) }) }),
    changes: { put: (_table: string, value: TemplatesRow) => templates.set(value.name, value) },
    fetch: async (url: string | URL) => options.fetch?.(String(url)) ?? new Response(null, { status: 500 }),
  } as unknown as Call<Settings>;
}
