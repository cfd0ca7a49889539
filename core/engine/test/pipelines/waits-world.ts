import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { decodeEvent, toNewEvent } from '../../src/events/index.ts';
import type { Run } from '../../src/hub.ts';
import type { FaultPoint } from '../../src/pipelines/index.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import { WAITS } from '../../src/pipelines/waits/tables.ts';
import { APPROVALS } from '../../src/pipelines/approvals-table.ts';
import { queryAll } from '../../src/tenants/index.ts';
import type { FakeAction } from './fake-actions.ts';
import { createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

/** A world with a log, its events' people, and the consumer that follows it. */
export interface WaitsWorld {
  readonly runs: RunWorld;
  /** Which profile an identity leads to: `userId:u1`. */
  readonly profiles: Map<string, string>;
  boot(options?: { readonly faultPoint?: FaultPoint; readonly fakes?: Readonly<Record<string, FakeAction>> }): Promise<Process>;
  /** Appends an event to the log. */
  append(name: string, event?: Partial<LoggedEvent>): Promise<LoggedEvent>;
  /** Handles the log from the cursor on, as the consumer would; `again` hands over what was handled before, too. */
  follow(process: Process, options?: { readonly again?: boolean; readonly batchSize?: number }): Promise<void>;
  /** Ids of all runs, oldest first. */
  runIds(): Promise<readonly string[]>;
  /** How many rows are left of waits and approvals. */
  leftovers(): Promise<number>;
  /** Lets the time pass until the run is in another state than running. */
  rest(process: Process, runId: string): Promise<Run>;
}

/** @returns a world in which `u1` is `p1` */
export async function createWaitsWorld(): Promise<WaitsWorld> {
  const runs = await createRunWorld();
  const { engine, tenant } = runs;
  const profiles = new Map([['userId:u1', 'p1']]);
  let appended = 0;
  let cursor = 0;

  const people: FakeAction = {
    effect: 'read',
    implements: 'people.get@1',
    run: ({ input }) => {
      const id = input['id'] as string;
      return { id, traits: {}, identities: [...profiles].flatMap(([identity, profile]) => (profile === id ? [identity] : [])) };
    },
  };

  const self: WaitsWorld = {
    runs,
    profiles,
    boot: ({ faultPoint, fakes = {} } = {}) =>
      runs.boot({ 'crm.a': {}, 'people.get@1': people, ...fakes }, faultPoint === undefined ? {} : { faultPoint }),
    append: async (name, event = {}) => {
      appended += 1;
      const at = engine.time.now();
      const properties: JsonObject = {};
      const unplaced = {
        id: `e${String(appended)}`,
        kind: 'track' as const,
        name,
        appId: 'app_1',
        isTest: false,
        occurredAt: at,
        receivedAt: at,
        identities: { userId: 'u1' },
        properties,
        traits: {},
        context: {},
        isImported: false,
        hops: 0,
        ...event,
      };
      const [place] = await tenant.log.append([toNewEvent(unplaced)]);
      return { ...unplaced, position: place?.position ?? 0 };
    },
    follow: async (process, { again = false, batchSize = 500 } = {}) => {
      if (again) cursor = 0;
      for (;;) {
        const stored = await tenant.log.read(cursor, batchSize);
        const last = stored.at(-1);
        if (last === undefined) return;
        const events = stored.map(decodeEvent).map((event) => withProfile(event, profiles));
        const { triggerConsumer } = process.pipelines;
        const wanted = (await triggerConsumer.select?.(TENANT, events)) ?? events;
        const changes = wanted.length === 0 ? [] : await triggerConsumer.handle(TENANT, wanted, new AbortController().signal);
        // What did not hold is read and handled again, as the consumer does.
        if (changes.length === 0 || (await tenant.state.commit(changes)).ok) cursor = last.position;
      }
    },
    runIds: async () => (await queryAll(tenant.state, RUNS)).map(({ key }) => key),
    leftovers: async () => (await queryAll(tenant.state, WAITS)).length + (await queryAll(tenant.state, APPROVALS)).length,
    rest: async (process, runId) => {
      await engine.time.until(async () => (await runs.run(process, runId)).state !== 'running');
      return runs.run(process, runId);
    },
  };
  return self;
}

function withProfile(event: LoggedEvent, profiles: ReadonlyMap<string, string>): LoggedEvent {
  const { userId, anonymousId } = event.identities;
  const profileId = profiles.get(userId === undefined ? `anonymousId:${anonymousId ?? ''}` : `userId:${userId}`);
  return profileId === undefined ? event : { ...event, profileId };
}
