import { readFileSync } from 'node:fs';
import type { Call, LoggedEvent, Table } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';

/** A tenant in memory with this plugin's tables; `reads` names the table of each question for many rows. */
export function createTenant<Settings>(settings: Settings, events: readonly LoggedEvent[] = []) {
  const { contributes } = JSON.parse(readFileSync(new URL('../plugin.json', import.meta.url), 'utf8'));
  let latest = fakeCall<Settings>({ settings, events, tables: contributes.tables });
  const reads: string[] = [];
  const table = <Value extends object>(name: string): Table<Value> => {
    const inner = latest.table<Value>(name);
    return {
      ...inner,
      getMany: (keys) => {
        reads.push(name);
        return inner.getMany(keys);
      },
    };
  };

  async function run<Result>(handler: (call: Call<Settings>) => Promise<Result>): Promise<Result> {
    latest = latest.next();
    const result = await handler(Object.create(latest, { table: { value: table } }) as Call<Settings>);
    await latest.commit();
    if (latest.emitted.length > 0) throw new Error('profiles emits nothing');
    return result;
  }
  return { run, reads };
}
