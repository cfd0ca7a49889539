import { readFileSync } from 'node:fs';
import type { Call, JsonObject, StartedPipeline } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import type { Settings } from '../src/gen/manifest.gen.ts';

/** A tenant in memory with this plugin's tables; each handler runs in a call of its own, and what it gathered is committed. */
export function createSourcesTenant(
  settings: Settings = {},
  actions: Readonly<Record<string, (input: JsonObject) => unknown>> = {},
  pipelines: Readonly<Record<string, readonly StartedPipeline[]>> = {},
) {
  const { contributes } = JSON.parse(readFileSync(new URL('../plugin.json', import.meta.url), 'utf8'));
  let calls = 0;
  let latest = fakeCall<Settings>({ settings, tables: contributes.tables, actions, pipelines });

  async function run<Result>(handler: (call: Call<Settings>) => Promise<Result>): Promise<Result> {
    calls += 1;
    latest = latest.next({ idempotencyKey: `call-${String(calls)}` });
    const result = await handler(latest);
    await latest.commit();
    return result;
  }

  return {
    run,
    /** Runs a handler whose process dies before its changes are committed. */
    die: async (handler: (call: Call<Settings>) => Promise<unknown>): Promise<void> => {
      calls += 1;
      const {
        next: _next,
        commit: _commit,
        ...rest
      } = Object.getOwnPropertyDescriptors(latest.next({ idempotencyKey: `call-${String(calls)}` }));
      const changes = { put: () => undefined, delete: () => undefined, emit: () => undefined, flush: async () => undefined };
      await handler(Object.defineProperties({}, { ...rest, changes: { value: changes } }) as Call<Settings>);
    },
    advance: (ms: number) => latest.advance(ms),
    /** Calls of the tracking API that were taken in. */
    takenIn: (): readonly JsonObject[] => latest.takenIn,
    rows: (name: string) => run(async (call) => (await call.table(name).query({ limit: 1000 })).items.map(({ value }) => value)),
  };
}
