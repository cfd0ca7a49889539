import { TendrilError } from '@tendril/plugin-api';
import type {
  Analytics,
  AnalyticsAnswer,
  AnalyticsQuestion,
  Call,
  Changes,
  Connection,
  EmittedEvent,
  EventRange,
  EventStretch,
  JsonObject,
  KeyValue,
  Logger,
  LoggedEvent,
  Models,
  Permit,
  StartedPipeline,
  Table,
  TakenIn,
} from '@tendril/plugin-api';
import { CALL_EXPRESSIONS } from '@tendril/engine/plugins';
import type { Change, TableSpec, TenantState } from '@tendril/engine/ports';
import { FakeKeyValue } from './fake-key-value.ts';
import { createMemoryStores } from './stores/memory-stores.ts';

/** A table as a manifest declares it; its schema is left to `testPlugin` and the host. */
export interface FakeTable {
  readonly key: string;
  readonly personal?: readonly string[];
  readonly indexes?: Readonly<Record<string, { readonly fields: readonly string[]; readonly unique?: boolean }>>;
}

/** What a handler under test finds. Everything has a default but what the handler needs of it. */
export interface FakeCallOptions<Settings> {
  readonly settings?: Settings;
  /** `test-1` unless told. */
  readonly idempotencyKey?: string;
  readonly attempt?: number;
  readonly isTest?: boolean;
  readonly tenant?: Partial<Call['tenant']>;
  readonly connection?: Partial<Connection>;
  readonly permit?: Partial<Permit>;
  /** By name: `manifest.contributes.tables` fits. */
  readonly tables?: Readonly<Record<string, FakeTable>>;
  /** What the tables hold at the start, by table. */
  readonly rows?: Readonly<Record<string, readonly object[]>>;
  /** The person's events, oldest first. */
  readonly events?: readonly LoggedEvent[];
  /** Pipelines in force by the event that starts them. */
  readonly pipelines?: Readonly<Record<string, readonly StartedPipeline[]>>;
  /** What `call.folder()` gives; refused without it. */
  readonly folder?: string;
  /** Actions of other plugins by name; others are refused. */
  readonly actions?: Readonly<Record<string, (input: JsonObject) => unknown>>;
  /** Answers questions about events; without it there is no driver. */
  readonly analytics?: Analytics;
  /** Models; asking one that is not given is refused as without a driver. */
  readonly models?: Partial<Models>;
  /** Answers requests; without it there is no network. */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  readonly agent?: Call['agent'];
  readonly signal?: AbortSignal;
  /** Epoch milliseconds at which the clock begins; it moves by `advance` only. */
  readonly now?: number;
}

/** A `call` in memory for tests of handlers, with what the handler did to it. */
export interface FakeCall<Settings = JsonObject> extends Call<Settings> {
  /** The next handler's call over the same tenant: what this one gathered is committed first. */
  next(
    overrides?: Pick<FakeCallOptions<Settings>, 'settings' | 'idempotencyKey' | 'attempt' | 'isTest' | 'connection' | 'permit' | 'signal'>,
  ): FakeCall<Settings>;
  /** Commits what was gathered, as the host does when the handler resolves. @throws TendrilError CONFLICT when a condition does not hold */
  commit(): Promise<void>;
  /** Moves the clock of this and all following calls. */
  advance(ms: number): void;
  /** What this handler emitted, in order. */
  readonly emitted: readonly EmittedEvent[];
  /** Calls of the tracking API that this and earlier handlers took in, repeated ones once. */
  readonly takenIn: readonly JsonObject[];
  /** Lines that this and earlier handlers logged. */
  readonly lines: readonly { readonly level: string; readonly fields: object; readonly message: string }[];
}

const KEYS = { tenantId: 'test', currentKeyId: 1, dataKeys: { 1: new Uint8Array(32) }, indexKey: new Uint8Array(32) };
const START = Date.UTC(2026, 0, 1);

/** What all calls of one fake tenant share. */
interface FakeTenant {
  now: number;
  readonly state: TenantState;
  readonly specs: ReadonlyMap<string, TableSpec>;
  readonly kv: KeyValue;
  readonly takenIn: JsonObject[];
  readonly lines: { level: string; fields: object; message: string }[];
  /** Commits that tables have to wait for. */
  ready: Promise<void>;
}

/**
 * A `call` over a tenant in memory, with real tables and changesets. There is no network and no other plugin unless
 * they are given.
 *
 * @example
 * const call = fakeCall({ settings: { windowSeconds: 60 } });
 * await firstSeen({ key: 'order-7' }, call);
 * await firstSeen({ key: 'order-7' }, call.next({ idempotencyKey: 'run-2' }));
 */
export function fakeCall<Settings = JsonObject>(options: FakeCallOptions<Settings> = {}): FakeCall<Settings> {
  return createCall(options, createTenant(options));
}

function createTenant<Settings>(options: FakeCallOptions<Settings>): FakeTenant {
  const clock = { now: () => tenant.now };
  const stores = createMemoryStores({ clock });
  const specs = new Map(
    Object.entries(options.tables ?? {}).map(([name, { key, personal = [], indexes = {} }]) => [
      name,
      { name: `test.${name}`, key, personal, indexes },
    ]),
  );
  const state = stores.state.tenant(KEYS);
  const rows = Object.entries(options.rows ?? {}).flatMap(([name, values]): Change[] =>
    values.map((value) => ({ op: 'put', table: specOf(specs, name), value: value as JsonObject })),
  );
  const tenant: FakeTenant = {
    now: options.now ?? START,
    state,
    specs,
    kv: new FakeKeyValue(clock),
    takenIn: [],
    lines: [],
    ready: stores.state.defineTables([...specs.values()]).then(() => commit(state, rows)),
  };
  return tenant;
}

function createCall<Settings>(options: FakeCallOptions<Settings>, tenant: FakeTenant): FakeCall<Settings> {
  const gathered: Change[] = [];
  const emitted: EmittedEvent[] = [];
  const commitGathered = (): Promise<void> => {
    const changes = gathered.splice(0);
    tenant.ready = tenant.ready.then(() => commit(tenant.state, changes));
    // Whoever waits for it is told; nobody may be waiting yet.
    tenant.ready.catch(() => undefined);
    return tenant.ready;
  };
  return {
    tenant: { id: 'test', name: 'Test', timeZone: 'UTC', ...options.tenant },
    isTest: options.isTest ?? false,
    settings: (options.settings ?? {}) as Settings,
    idempotencyKey: options.idempotencyKey ?? 'test-1',
    attempt: options.attempt ?? 1,
    signal: options.signal ?? new AbortController().signal,
    clock: { now: () => tenant.now },
    log: fakeLogger(tenant),
    kv: tenant.kv,
    table: <Value extends object>(name: string) => fakeTable(tenant, specOf(tenant.specs, name)) as Table<Value>,
    changes: fakeChanges(tenant, gathered, emitted, commitGathered),
    get connection(): Connection {
      if (options.connection === undefined) throw new TendrilError('CONNECTION_MISSING', {});
      return { name: 'test', kind: 'account', isSandbox: true, values: {}, ...options.connection };
    },
    fetch: async (url, init) => {
      if (options.fetch === undefined) throw new TendrilError('EGRESS_DENIED', { host: new URL(url).hostname });
      return options.fetch(new Request(url, init));
    },
    get agent(): Call['agent'] {
      if (options.agent === undefined) throw new TendrilError('EGRESS_DENIED', { member: 'agent' });
      return options.agent;
    },
    events: {
      ofPerson: async (identities, { limit = 100 } = {}) => ({ items: eventsOf(options.events ?? [], identities).slice(0, limit) }),
      read: async (range) => stretchOf(options.events ?? [], range),
      head: async () => options.events?.at(-1)?.position ?? 0,
      ingest: async (calls) => takeIn(tenant, calls),
      pipelinesStartedBy: async (name) => options.pipelines?.[name] ?? [],
    },
    expressions: CALL_EXPRESSIONS,
    folder: async () => {
      if (options.folder === undefined) throw new TendrilError('PERMISSION_DENIED', { member: 'folder' });
      return options.folder;
    },
    actions: {
      call: async <Output>(name: string, input: object) => {
        const action = options.actions?.[name];
        if (action === undefined) throw new TendrilError('PERMISSION_DENIED', { action: name });
        return (await action(input as JsonObject)) as Output;
      },
    },
    models: {
      generate: options.models?.generate ?? (() => Promise.reject(new TendrilError('MODEL_MISSING', { contract: 'text_generation' }))),
      embed: options.models?.embed ?? (() => Promise.reject(new TendrilError('MODEL_MISSING', { contract: 'embeddings' }))),
    },
    analytics: options.analytics ?? noAnalytics,
    get permit(): Permit {
      if (options.permit === undefined) throw new TendrilError('PERMISSION_DENIED', { member: 'permit' });
      return {
        id: 'permit-1',
        personId: 'person-1',
        channel: 'email',
        purpose: 'marketing',
        address: 'person@example.invalid',
        unsubscribeUrl: 'https://hub.example.invalid/u/token',
        ...options.permit,
      };
    },
    next: (overrides = {}) => {
      void commitGathered();
      return createCall({ ...options, ...overrides }, tenant);
    },
    commit: commitGathered,
    advance: (ms) => {
      tenant.now += ms;
    },
    emitted,
    takenIn: tenant.takenIn,
    lines: tenant.lines,
  };
}

const noAnalytics: Analytics = {
  ask: <Question extends AnalyticsQuestion>() =>
    Promise.reject<AnalyticsAnswer<Question>>(new TendrilError('DRIVER_MISSING', { contract: 'analytics' })),
  freshness: () => Promise.reject(new TendrilError('DRIVER_MISSING', { contract: 'analytics' })),
  rebuild: () => Promise.reject(new TendrilError('DRIVER_MISSING', { contract: 'analytics' })),
};

function fakeTable(tenant: FakeTenant, spec: TableSpec): Table {
  const ready = async (): Promise<TenantState> => {
    await tenant.ready;
    return tenant.state;
  };
  return {
    getMany: async (keys) => (await ready()).get(spec, keys),
    get: async (key) => (await (await ready()).get(spec, [key]))[0],
    query: async (query) => (await ready()).query(spec, query),
    aggregate: async (query) => (await ready()).aggregate(spec, query),
  };
}

function fakeChanges(tenant: FakeTenant, gathered: Change[], emitted: EmittedEvent[], flush: () => Promise<void>): Changes {
  const expectation = (expect: number | 'absent' | undefined): { readonly expect?: number } =>
    expect === undefined ? {} : { expect: expect === 'absent' ? 0 : expect };
  return {
    put: (name, value, expect) =>
      gathered.push({ op: 'put', table: specOf(tenant.specs, name), value: value as JsonObject, ...expectation(expect) }),
    delete: (name, key, expect) => gathered.push({ op: 'delete', table: specOf(tenant.specs, name), key, ...expectation(expect) }),
    emit: (event) => {
      if (emitted.some(({ name, discriminator }) => name === event.name && discriminator === event.discriminator))
        throw new TendrilError('INPUT_INVALID', { event: event.name, field: 'discriminator' });
      emitted.push(event);
    },
    flush,
  };
}

function fakeLogger({ lines }: FakeTenant): Logger {
  const write =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message });
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function eventsOf(events: readonly LoggedEvent[], identities: readonly string[]): readonly LoggedEvent[] {
  return events
    .filter(
      ({ identities: { userId, anonymousId } }) =>
        identities.includes(`userId:${userId ?? ''}`) || identities.includes(`anonymousId:${anonymousId ?? ''}`),
    )
    .toReversed();
}

function stretchOf(events: readonly LoggedEvent[], { after = 0, upTo = Infinity, limit = 500, names }: EventRange = {}): EventStretch {
  const behind = events.filter(({ position }) => position > after && position <= upTo);
  const seen = behind.slice(0, limit);
  const items = seen.filter(({ name }) => names?.includes(name) !== false);
  return { items, position: seen.at(-1)?.position ?? after, isEnd: seen.length === behind.length };
}

function takeIn({ takenIn }: FakeTenant, calls: readonly JsonObject[]): readonly TakenIn[] {
  return calls.map((call, index): TakenIn => {
    const messageId = call['messageId'];
    if (typeof messageId !== 'string')
      throw new TendrilError('INPUT_INVALID', { pointer: `/${String(index)}/messageId`, reason: 'is missing' });
    const earlier = takenIn.findIndex((taken) => taken['messageId'] === messageId);
    if (earlier >= 0) return { status: 'duplicate', messageId, position: earlier + 1 };
    return { status: 'accepted', messageId, position: takenIn.push(call) };
  });
}

function specOf(specs: ReadonlyMap<string, TableSpec>, name: string): TableSpec {
  const spec = specs.get(name);
  if (spec === undefined) throw new TendrilError('PERMISSION_DENIED', { table: name });
  return spec;
}

async function commit(state: TenantState, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const result = await state.commit(changes);
  if (!result.ok) throw new TendrilError('CONFLICT', { failed: result.failed, reason: result.reason });
}
