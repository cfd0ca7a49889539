import { readFileSync } from 'node:fs';
import type { Call, EmittedEvent, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { resolve } from '../../src/actions/resolve.ts';
import { compare } from '../../src/consumers/compare.ts';
import { project } from '../../src/consumers/project.ts';
import type { DuplicatesRow, Settings } from '../../src/gen/manifest.gen.ts';
import { createTenant } from '../profiles-tenant.ts';

const START = Date.UTC(2026, 0, 1);
const { contributes } = JSON.parse(readFileSync(new URL('../../plugin.json', import.meta.url), 'utf8'));
const COMPARED: readonly string[] = contributes.consumers.compare.events;

/** A tenant whose log is followed by `project` and then by `compare`; what these emit comes to the log behind. */
export function createWorld(settings: Settings = {}) {
  const tenant = createTenant<Settings>(settings);
  let position = 0;
  let told = 0;

  function log(entry: Pick<LoggedEvent, 'kind' | 'name'> & Partial<LoggedEvent>): LoggedEvent {
    position += 1;
    const at = START + position * 60_000;
    const nothing = { identities: {}, properties: {}, traits: {}, context: {}, isImported: false, hops: 0, isTest: false };
    return { id: `m${position}`, position, appId: 'app', occurredAt: at, receivedAt: at, ...nothing, ...entry };
  }

  async function follow(events: readonly LoggedEvent[]): Promise<void> {
    await tenant.run((call) => project(events, call));
    const wanted = events.filter(({ name }) => COMPARED.includes(name));
    const people = wanted.map(({ identities: { userId, anonymousId } }) => ({
      ...(userId !== undefined && { userId }),
      ...(anonymousId !== undefined && { anonymousId }),
    }));
    const { ids } = await tenant.run((call) => resolve({ people }, call));
    const resolved = wanted.map((event, place): LoggedEvent => {
      const profileId = ids[place] ?? undefined;
      return profileId === undefined ? event : { ...event, profileId };
    });
    await tenant.run((call) => compare(resolved, call));
    await followEmitted();
  }

  async function followEmitted(): Promise<void> {
    const emitted: readonly EmittedEvent[] = tenant.emitted.slice(told);
    told = tenant.emitted.length;
    if (emitted.length === 0) return;
    await follow(emitted.map(({ discriminator: _discriminator, ...event }) => log({ kind: 'hub', ...event })));
  }

  return {
    ...tenant,
    /** Each of them states its traits, in one batch of the log. */
    identify: (people: Readonly<Record<string, JsonObject>>, isImported = false) =>
      follow(
        Object.entries(people).map(([id, traits]) => {
          const identities = id.startsWith('user') ? { userId: id } : { anonymousId: id };
          return log({ kind: 'identify', name: '$identify', identities, traits, isImported });
        }),
      ),
    /** A fact of the hub comes to the log. */
    tell: (name: string, properties: JsonObject) => follow([log({ kind: 'hub', name, properties })]),
    /** Runs a handler, and follows the log until nothing comes any more. */
    async act<Result>(handler: (call: Call<Settings>) => Promise<Result>): Promise<Result> {
      const result = await tenant.run(handler);
      await followEmitted();
      return result;
    },
    async idOf(id: string): Promise<string> {
      const { ids } = await tenant.run((call) => resolve({ people: [id.startsWith('user') ? { userId: id } : { anonymousId: id }] }, call));
      return ids[0] ?? '';
    },
    pairs: async () => (await tenant.rows('duplicates')) as readonly DuplicatesRow[],
  };
}

/** A person whom few are like. */
export const ADA = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  birthday: '1915-12-10',
  address: { street: '12 St James Square', city: 'London', postalCode: '10115' },
};
