import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { Consumer } from '@tendril/schemas';
import type { Check, Outcome } from '../contract.ts';
import { describeDifference, differencesOf } from '../json-difference.ts';
import type { World } from '../world.ts';

const AT = Date.UTC(2026, 0, 15, 12);

/** A consumer that dies before its batch is committed sees it again, and has to come to the same. */
export function consumerChecks(world: World): readonly Check[] {
  return Object.entries(world.plugin.manifest.contributes.consumers ?? {}).map(([id, consumer]) => ({
    id: `consumers/${id}`,
    title: `${id} comes to the same when a batch is delivered again`,
    run: () => deliverTwice(world, id, consumer),
  }));
}

async function deliverTwice(world: World, id: string, consumer: Consumer): Promise<Outcome> {
  const bench = await world.bench();
  bench.clock.set(AT);
  const { tenant } = await bench.tenant();
  const definition = bench.rooms.host.consumers().find((one) => one.id === `${world.plugin.id}.${id}`);
  if (definition === undefined) return { findings: [{ message: `the host has no consumer ${id}` }] };
  const events = eventsFor(world, consumer);
  const handle = async (): Promise<unknown> => {
    const changes = await definition.handle(tenant.id, events, new AbortController().signal);
    return JSON.parse(JSON.stringify(changes)) as unknown;
  };
  const first = await handle();
  // Nothing was committed: as after a death between the handler's end and the commit.
  bench.clock.advance(60_000);
  const second = await handle();
  return {
    findings: differencesOf(first, second).map((difference) => ({
      file: 'plugin.json',
      pointer: `/contributes/consumers/${id}`,
      message: `the same batch leads to another change the second time: ${describeDifference(difference)}`,
      mend: 'derive everything from the events, ids too, and keep nothing outside of call.changes',
    })),
  };
}

/** One event of each name that it follows, with the example of its schema where there is one. */
function eventsFor({ plugin }: World, { events }: Consumer): readonly LoggedEvent[] {
  const names = events.flatMap((name) => (name === '*' ? ['$identify', 'Something Happened'] : [name.replace(/\*$/, 'x')]));
  return names.map((name, index): LoggedEvent => {
    const { properties, traits } = contentOf(plugin.schemas.events.get(name)?.schema, name);
    return {
      id: `event-${String(index)}`,
      position: index + 1,
      kind: name.startsWith('$') ? (name.slice(1) as LoggedEvent['kind']) : 'track',
      name,
      appId: 'app-1',
      isTest: false,
      occurredAt: AT - 60_000 + index,
      receivedAt: AT - 30_000 + index,
      identities: { userId: 'user-1' },
      properties,
      traits,
      context: {},
      isImported: false,
      hops: 0,
      profileId: 'person-1',
    };
  });
}

function contentOf(
  schema: JsonObject | boolean | undefined,
  name: string,
): { readonly properties: JsonObject; readonly traits: JsonObject } {
  const examples = typeof schema === 'object' ? schema['examples'] : undefined;
  const [example] = Array.isArray(examples) ? (examples as readonly JsonObject[]) : [];
  return { properties: example ?? {}, traits: name === '$identify' ? { email: 'ada@example.invalid', firstName: 'Ada' } : {} };
}
