import { readFileSync } from 'node:fs';
import type { Call, EmittedEvent, LoggedEvent, Table } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';

/**
 * A tenant in memory with this plugin's tables; `reads` names the table of each question for many rows, `emitted` is what all
 * handlers emitted, `rows` what a table holds, in the order of the keys.
 */
export function createTenant<Settings>(settings: Settings, events: readonly LoggedEvent[] = []) {
  const { contributes } = JSON.parse(readFileSync(new URL('../plugin.json', import.meta.url), 'utf8'));
  let latest = fakeCall<Settings>({ settings, events, tables: contributes.tables });
  const reads: string[] = [];
  const emitted: EmittedEvent[] = [];
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
    emitted.push(...latest.emitted);
    return result;
  }
  async function rows(name: string): Promise<readonly object[]> {
    const found: object[] = [];
    let cursor: string | undefined;
    do {
      const page = await latest.table(name).query({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items.map(({ value }) => value));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  }
  return { run, reads, emitted, rows };
}
