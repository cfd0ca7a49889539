import { readFileSync } from 'node:fs';
import type { JsonObject } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import type { FakeCall } from '@tendril/testkit';
import type { Settings } from '../src/gen/manifest.gen.ts';

/** A tenant's call in memory: the plugin's table, one person, one connection, one permit. */
export function emailCall(options: {
  readonly values?: JsonObject;
  readonly settings?: Settings;
  readonly address?: string;
  readonly idempotencyKey?: string;
  readonly fetch?: (request: Request) => Response;
}): FakeCall<Settings> {
  const { contributes } = JSON.parse(readFileSync(new URL('../plugin.json', import.meta.url), 'utf8'));
  return fakeCall<Settings>({
    tables: contributes.tables,
    settings: options.settings ?? {},
    idempotencyKey: options.idempotencyKey ?? 'run-7-2',
    connection: { name: 'smtp', kind: 'smtp', values: options.values ?? {} },
    permit: { personId: 'p1', address: options.address ?? 'ada@example.invalid', unsubscribeUrl: 'https://hub.example/u?t=a&b=1' },
    actions: { 'people.get@1': () => ({ id: 'p1', traits: { firstName: 'Ada <b>' } }) },
    fetch: options.fetch ?? (() => new Response(null, { status: 500 })),
  });
}
