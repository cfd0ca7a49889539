import { readFileSync } from 'node:fs';
import type { Call, EmittedEvent, EventKind, Identities, Json, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { project } from '../../src/consumers/project.ts';
import type { BehavioursRow, DefinitionsRow, MembersRow, PeopleRow, Settings } from '../../src/gen/manifest.gen.ts';

/** When the log begins. */
export const START = Date.UTC(2026, 0, 1);

/** What a test says of an event. */
export interface Said {
  readonly kind?: EventKind;
  readonly name?: string;
  readonly at?: number;
  readonly receivedAt?: number;
  readonly identities?: Identities;
  readonly properties?: JsonObject;
  readonly traits?: JsonObject;
  readonly context?: JsonObject;
}

/** A tenant in memory whose log the consumer follows, with what it reports in the log behind it. */
export class SegmentsTenant {
  readonly log: LoggedEvent[] = [];
  readonly reported: LoggedEvent[] = [];
  #call: ReturnType<typeof fakeCall<Settings>>;
  #position = 0;
  now = START;
  /** What is reported is in the log already. */
  isReplay = false;

  constructor(settings: Settings = {}) {
    const { contributes } = JSON.parse(readFileSync(new URL('../../plugin.json', import.meta.url), 'utf8'));
    this.#call = fakeCall<Settings>({ settings, events: this.log, tables: contributes.tables });
  }

  /** Puts an event into the log. */
  say({
    kind = 'track',
    name = `$${kind}`,
    at,
    receivedAt,
    identities = {},
    properties = {},
    traits = {},
    context = {},
  }: Said): LoggedEvent {
    const position = this.log.length + 1;
    const event: LoggedEvent = {
      id: `m${String(position)}`,
      position,
      kind,
      name,
      appId: 'app',
      isTest: false,
      occurredAt: at ?? this.now,
      receivedAt: receivedAt ?? this.now,
      identities,
      properties,
      traits,
      context,
      isImported: false,
      hops: 0,
    };
    this.log.push(event);
    return event;
  }

  track(userId: string, name: string, properties: JsonObject = {}, at?: number): LoggedEvent {
    return this.say({ name, identities: { userId }, properties, ...(at !== undefined && { at }) });
  }

  identify(userId: string, traits: JsonObject): LoggedEvent {
    return this.say({ kind: 'identify', identities: { userId }, traits });
  }

  fact(name: string, properties: JsonObject): LoggedEvent {
    return this.say({ kind: 'hub', name, properties });
  }

  define(name: string, condition: string, rest: JsonObject = {}): LoggedEvent {
    return this.fact('tendril.profiles.segment_defined', { name, condition, ...rest });
  }

  tick(): LoggedEvent {
    return this.fact('tendril.profiles.ticked', { at: new Date(this.now).toISOString() });
  }

  /** Lets the consumer follow up to the end of the log; what it reports goes into the log and is followed too. */
  async follow(batchSize = 1_000): Promise<void> {
    while (this.#position < this.log.length) {
      const events = this.log.slice(this.#position, this.#position + batchSize);
      const emitted = await this.run(async (call) => {
        await project(events, call);
        return undefined;
      }, events);
      this.#position += events.length;
      if (!this.isReplay) for (const event of emitted) this.#append(event, events);
    }
  }

  /** Runs the consumer over events without committing what it gathers, as when the process dies before that. */
  async die(count: number): Promise<void> {
    const call = this.#call.next();
    await project(this.log.slice(this.#position, this.#position + count), call);
  }

  #append({ name, identities = {}, properties = {}, discriminator = '' }: EmittedEvent, batch: readonly LoggedEvent[]): void {
    const cause = batch.find(({ id }) => discriminator === id || discriminator.startsWith(`${id}/`));
    const event = { ...this.say({ kind: 'hub', name, identities, properties }), hops: (cause?.hops ?? 0) + 1 };
    this.log[this.log.length - 1] = event;
    this.reported.push(event);
  }

  async run<Result>(handler: (call: Call<Settings>) => Promise<Result>, events?: readonly LoggedEvent[]): Promise<readonly EmittedEvent[]>;
  async run<Result>(handler: (call: Call<Settings>) => Promise<Result>): Promise<readonly EmittedEvent[]> {
    this.#call = this.#call.next();
    this.#call.advance(this.now - this.#call.clock.now());
    await handler(this.#call);
    await this.#call.commit();
    return this.#call.emitted;
  }

  /** Asks an action, and puts what it reports into the log. */
  async ask<Input, Output>(action: (input: Input, call: Call<Settings>) => Promise<Output>, input: Input): Promise<Output> {
    let output: Output | undefined;
    const emitted = await this.run(async (call) => {
      output = await action(input, call);
    });
    for (const event of emitted) this.#append(event, []);
    return output as Output;
  }

  async rows<Value extends object>(table: string): Promise<readonly Value[]> {
    await this.#call.commit();
    return (await this.#call.table<Value>(table).query({ limit: 1_000 })).items.map(({ value }) => value);
  }

  async people(): Promise<readonly PeopleRow[]> {
    return (await this.rows<PeopleRow>('people')).filter(({ state }) => state === 'active');
  }

  async person(userId: string): Promise<PeopleRow> {
    const found = (await this.people()).find(({ parts }) => parts.some(({ identities }) => identities.includes(`userId:${userId}`)));
    if (found === undefined) throw new Error(`nobody is ${userId}`);
    return found;
  }

  /** By userId or, without one, id: segments of everybody who is in one. */
  async segmentsOf(userId: string): Promise<readonly string[]> {
    return (await this.person(userId)).segments ?? [];
  }

  async computedOf(userId: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.person(userId)).computed ?? {};
  }

  async definition(id: string): Promise<DefinitionsRow | undefined> {
    return (await this.rows<DefinitionsRow>('definitions')).find((row) => row.id === id);
  }

  /** Ids of people in the active version of a segment, by the list of members. */
  async members(name: string): Promise<readonly string[]> {
    const position = (await this.definition(`segment:${name}`))?.active?.position ?? 0;
    return (await this.rows<MembersRow>('members'))
      .filter(({ slot }) => slot === `${name}@${String(position)}`)
      .map(({ person }) => person)
      .sort();
  }

  async behaviours(): Promise<readonly BehavioursRow[]> {
    return this.rows<BehavioursRow>('behaviours');
  }

  /** What was reported of segments, `entered vip u1`. */
  changes(): readonly string[] {
    return this.reported
      .filter(({ name }) => name.startsWith('tendril.segment.'))
      .map(
        ({ name, properties, identities }) =>
          `${name.slice(16)} ${text(properties['segment'])} ${identities.userId ?? identities.anonymousId ?? ''}`,
      );
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
