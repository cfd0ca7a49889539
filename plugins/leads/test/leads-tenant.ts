import { readFileSync } from 'node:fs';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, EmittedEvent, EventKind, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { capture } from '../src/consumers/capture.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';

const START = Date.UTC(2026, 0, 1);

/** A tenant in memory with this plugin's tables, and a log of events with their profiles. */
export function createLeadsTenant(initial: Settings = {}) {
  const { contributes } = JSON.parse(readFileSync(new URL('../plugin.json', import.meta.url), 'utf8'));
  const log: LoggedEvent[] = [];
  const emitted: EmittedEvent[] = [];
  let settings = initial;
  let latest = fakeCall<Settings>({
    settings,
    events: log,
    tables: contributes.tables,
    actions: {
      'people.get@1': ({ id }) => profile(id),
      'people.get_many@1': ({ ids }) => ({ people: (ids as readonly string[]).map(profile) }),
    },
  });

  function profile(id: unknown): object {
    const events = log.filter(({ profileId }) => profileId === id);
    if (events.length === 0) throw new TendrilError('NOT_FOUND');
    return { id, identities: [`userId:${events[0]?.profileId ?? ''}`], traits: Object.assign({}, ...events.map(({ traits }) => traits)) };
  }

  async function run<Result>(handler: (call: Call<Settings>) => Promise<Result>): Promise<Result> {
    latest = latest.next({ settings });
    const result = await handler(latest);
    await latest.commit();
    emitted.push(...latest.emitted);
    return result;
  }

  return {
    run,
    configure: (next: Settings) => {
      settings = next;
    },
    /** Adds an event of `person` to the log; `deliver` brings it to the consumer. */
    append(
      kind: EventKind,
      name: string,
      person: string,
      {
        traits = {},
        properties = {},
        occurredAt,
      }: { readonly traits?: JsonObject; readonly properties?: JsonObject; readonly occurredAt?: number } = {},
    ): void {
      const position = log.length + 1;
      log.push({
        id: `m${position}`,
        position,
        kind,
        name,
        appId: 'app',
        isTest: false,
        occurredAt: occurredAt ?? START + position * 1000,
        receivedAt: START,
        identities: kind === 'hub' ? {} : { userId: person },
        properties,
        traits,
        context: {},
        isImported: false,
        hops: 0,
        ...(kind === 'hub' ? {} : { profileId: person }),
      });
    },
    /** Brings events from a position on to the consumer, in batches. */
    async deliver(from = 1, batchSize = 500): Promise<void> {
      for (let start = from - 1; start < log.length; start += batchSize)
        await run((call) => capture(log.slice(start, start + batchSize), call));
    },
    rows: (name: string) => run(async (call) => (await call.table(name).query({ limit: 1000 })).items.map(({ value }) => value)),
    head: () => log.length,
    /** What handlers emitted so far. */
    emitted,
    /** The call of the work done last: its clock moves by `advance`. */
    latest: () => latest,
    log: log as readonly LoggedEvent[],
  };
}
