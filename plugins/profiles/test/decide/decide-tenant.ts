import { readFileSync } from 'node:fs';
import type { LoggedEvent } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import type { FakeCall, FakeCallOptions } from '@tendril/testkit';
import type { DecideInput, DecideOutput, IdentitiesRow, PeopleRow, PlaceSchema, Settings } from '../../src/gen/manifest.gen.ts';
import { decide } from '../../src/decide/decide.ts';
import { feedback } from '../../src/decide/feedback.ts';
import { placeSave } from '../../src/decide/place-actions.ts';

/** A Monday, 09:30 in UTC. */
export const NOW = Date.UTC(2026, 2, 2, 9, 30);

/** A person to be put into a tenant. */
export interface MadePerson {
  readonly id: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly traits?: Readonly<Record<string, unknown>>;
  readonly segments?: readonly string[];
  /** Ids of what was joined to it. */
  readonly joined?: readonly string[];
}

/** A tenant in memory with people and places; handlers run one after another. */
export function createTenant(people: readonly MadePerson[] = [], options: FakeCallOptions<Settings> = {}) {
  const { contributes } = JSON.parse(readFileSync(new URL('../../plugin.json', import.meta.url), 'utf8'));
  const rows = { people: people.map(toPersonRow), identities: people.flatMap(toIdentityRows) };
  let latest = fakeCall<Settings>({ settings: {}, tables: contributes.tables, rows, now: NOW, ...options });

  async function run<Result>(handler: (call: FakeCall<Settings>) => Promise<Result>): Promise<Result> {
    latest = latest.next();
    const result = await handler(latest);
    await latest.commit();
    return result;
  }
  return {
    run,
    advance: (milliseconds: number) => latest.advance(milliseconds),
    save: (place: PlaceSchema, basedOn?: number) => run((call) => placeSave({ place, ...(basedOn !== undefined && { basedOn }) }, call)),
    decide: (input: DecideInput) => run((call) => decide(input, call)) as Promise<Required<DecideOutput>>,
    report: (...events: readonly LoggedEvent[]) => run((call) => feedback(events, call)),
  };
}

/** What an application reports of a decision. */
export function reportOf(name: string, decision: unknown, person: string | undefined, occurredAt = NOW): LoggedEvent {
  return {
    id: `m-${name}-${String(decision)}`,
    position: 1,
    kind: 'track',
    name,
    appId: 'app',
    isTest: false,
    occurredAt,
    receivedAt: occurredAt,
    identities: { anonymousId: 'a1' },
    properties: { decision: decision as string },
    traits: {},
    context: {},
    isImported: false,
    hops: 0,
    ...(person !== undefined && { profileId: person }),
  };
}

function toPersonRow({ id, userId, anonymousId, traits = {}, segments = [], joined = [] }: MadePerson): PeopleRow {
  const part = (partId: string, own: PeopleRow['parts'][number]['traits'], identities: string[]): PeopleRow['parts'][number] => ({
    id: partId,
    identities,
    groups: [],
    traits: own,
    firstSeenAt: 1,
    lastSeenAt: 1,
    createdPosition: 1,
  });
  const stated = Object.fromEntries(Object.entries(traits).map(([name, value]) => [name, { value, at: 1, source: 'm1' }]));
  const identities = [
    ...(userId === undefined ? [] : [`userId:${userId}`]),
    ...(anonymousId === undefined ? [] : [`anonymousId:${anonymousId}`]),
  ];
  return {
    id,
    state: 'active',
    lastSeenAt: 1,
    segments: [...segments],
    parts: [part(id, stated, identities), ...joined.map((other) => part(other, {}, []))],
  };
}

function toIdentityRows(person: MadePerson): readonly IdentitiesRow[] {
  return toPersonRow(person).parts.flatMap(({ id, identities }) =>
    identities.map((identity) => ({ identity, part: id, person: person.id })),
  );
}
