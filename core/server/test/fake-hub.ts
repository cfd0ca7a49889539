import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type {
  ActionInfo,
  ApiKey,
  App,
  ConnectionInfo,
  Health,
  Hub,
  IngestOutcome,
  Metric,
  NewApiKey,
  Principal,
  QuarantinedEvent,
  RawCall,
  RunInfo,
  Tenant,
  TenantHub,
} from '@tendril/engine';
import { createFakePipelines } from './fake-pipelines.ts';
import type { Asked } from './fake-pipelines.ts';
import { MADE_AT } from './fake-records.ts';

export { fakeRun, MADE_AT } from './fake-records.ts';

/** What `ingest.accept` was asked. */
export interface Accepted {
  readonly appId: string;
  readonly call: RawCall;
  readonly request: Parameters<TenantHub['ingest']['accept']>[2];
}

/** A hub in memory with one tenant, `acme`, its keys, and switches for what should go wrong. */
export interface FakeHub extends Hub {
  readonly accepted: Accepted[];
  readonly actionCalls: { readonly name: string; readonly input: JsonObject; readonly options: JsonObject }[];
  readonly unsubscribed: string[];
  /** What the services of pipelines were asked. */
  readonly asked: Asked[];
  readonly app: App;
  failIngest: Error | undefined;
  /** Waited for before ingest answers. */
  gate: Promise<void> | undefined;
  /** Called when ingest begins to wait. */
  onGate: () => void;
  health(): Promise<Health>;
  currentHealth: Health;
  /** What came to addresses of pipelines; asked for the answer. */
  onWebhook: Hub['webhooks']['receive'];
  emitEvent(event: LoggedEvent): void;
  emitRun(run: RunInfo): void;
  revoke(secret: string): void;
}

/** Keys that the fake hub knows. */
export const KEYS = {
  write: 'wk_live',
  closedWrite: 'wk_closed',
  admin: 'sk_admin',
  reader: 'sk_reader',
  deployer: 'sk_deployer',
  actor: 'sk_actor',
  otherAdmin: 'sk_other',
} as const;

/** An event as the log of the fake hub has it. */
export function fakeEvent(position: number, name = 'Order Completed'): LoggedEvent {
  return {
    id: `m-${String(position)}`,
    position,
    kind: 'track',
    name,
    appId: 'app-1',
    isTest: false,
    occurredAt: MADE_AT,
    receivedAt: MADE_AT,
    identities: { userId: 'u-1' },
    properties: { total: 1 },
    traits: {},
    context: {},
    isImported: false,
    hops: 0,
  };
}

/** Makes the hub. */
export function createFakeHub(): FakeHub {
  const tenant: Tenant = { id: 'acme', name: 'Acme', timeZone: 'Europe/Berlin', createdAt: MADE_AT };
  const app: App = { id: 'app-1', name: 'Shop', isTest: false, environment: 'production', origins: ['*'], createdAt: MADE_AT };
  const closed: App = { ...app, id: 'app-2', origins: ['https://shop.example'] };
  const principals = new Map<string, Principal>([
    [KEYS.write, { tenantId: 'acme', kind: 'write', keyId: 'k1', app, scopes: [] }],
    [KEYS.closedWrite, { tenantId: 'acme', kind: 'write', keyId: 'k2', app: closed, scopes: [] }],
    [KEYS.admin, { tenantId: 'acme', kind: 'secret', keyId: 'k3', scopes: ['admin'] }],
    [KEYS.reader, { tenantId: 'acme', kind: 'secret', keyId: 'k4', scopes: ['read'] }],
    [KEYS.deployer, { tenantId: 'acme', kind: 'secret', keyId: 'k6', scopes: ['pipelines'] }],
    [KEYS.actor, { tenantId: 'acme', kind: 'secret', keyId: 'k7', scopes: ['actions'] }],
    [KEYS.otherAdmin, { tenantId: 'globex', kind: 'secret', keyId: 'k5', scopes: ['admin'] }],
  ]);
  const eventListeners = new Set<(event: LoggedEvent) => void>();
  const runListeners = new Set<(run: RunInfo) => void>();
  const tenants = [tenant];

  const hub: FakeHub = {
    accepted: [],
    actionCalls: [],
    unsubscribed: [],
    asked: [],
    app,
    failIngest: undefined,
    gate: undefined,
    onGate: () => undefined,
    currentHealth: {
      isReady: true,
      reasons: [],
      faults: [{ plugin: 'broken', file: 'plugin.json', pointer: '/id', code: 'MANIFEST_INVALID', message: 'must be a string' }],
      alerts: [],
      lock: { hash: '00', isCurrent: true, differences: [] },
    },
    emitEvent: (event) => eventListeners.forEach((listener) => listener(event)),
    emitRun: (run) => runListeners.forEach((listener) => listener(run)),
    revoke: (secret) => void principals.delete(secret),
    admin: {
      create: (input) => {
        const made = { timeZone: 'UTC', ...input, createdAt: MADE_AT };
        tenants.push(made);
        return Promise.resolve(made);
      },
      list: () => Promise.resolve(tenants),
      get: (id) => Promise.resolve(tenants.find((each) => each.id === id)),
    },
    keys: {
      authenticate: (secret) => {
        const principal = principals.get(secret);
        return principal === undefined ? Promise.reject(new TendrilError('KEY_INVALID')) : Promise.resolve(principal);
      },
      session: (tenantId) => Promise.resolve({ tenantId, kind: 'session', keyId: 'session', scopes: ['admin'] }),
    },
    tenant: (id) => {
      if (id === 'acme') return Promise.resolve(acme);
      if (id === 'globex') return Promise.resolve({ ...acme, tenant: { ...tenant, id } });
      return Promise.reject(new TendrilError('NOT_FOUND', { tenant: id }));
    },
    plugins: {
      list: () => [],
      faults: () => hub.currentHealth.faults,
      reload: () => Promise.resolve({ added: ['fresh'], changed: [], removed: [], faults: hub.currentHealth.faults }),
    },
    webhooks: { receive: (request) => hub.onWebhook(request) },
    pluginRoutes: {
      list: () => [],
      find: () => [],
      isOpen: () => Promise.resolve(false),
      call: () => Promise.reject(new TendrilError('NOT_FOUND')),
    },
    onWebhook: () => Promise.resolve({ kind: 'accepted', runId: 'run-1' }),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    health: () => Promise.resolve(hub.currentHealth),
    metrics: () =>
      Promise.resolve<Metric[]>([
        {
          name: 'tendril_events_accepted_total',
          help: 'Events on disk.',
          kind: 'counter',
          values: [{ labels: { tenant: 'acme' }, value: hub.accepted.length }],
        },
      ]),
  };

  const acme: TenantHub = createFakeTenant(hub, tenant, { eventListeners, runListeners });
  return hub;
}

interface Listeners {
  readonly eventListeners: Set<(event: LoggedEvent) => void>;
  readonly runListeners: Set<(run: RunInfo) => void>;
}

function createFakeTenant(hub: FakeHub, tenant: Tenant, { eventListeners, runListeners }: Listeners): TenantHub {
  const apps: App[] = [hub.app];
  const keys: ApiKey[] = [{ id: 'k3', kind: 'secret', scopes: ['admin'], prefix: 'sk_a', createdAt: MADE_AT }];
  const schemas = new Map<string, { name: string; version: number; schema: JsonObject; createdAt: number }>();
  const connections = new Map<string, ConnectionInfo>();
  const suppressed = new Set<string>();
  let isEnabled = true;
  let isPaused = false;
  let isConsumerPaused = false;
  let caps = { dailyCap: 1_000, dailyCapPerPerson: 2 };

  const newKey = (key: Partial<NewApiKey>): NewApiKey => {
    const made = {
      id: `k${String(keys.length + 10)}`,
      kind: 'secret',
      scopes: [],
      prefix: 'sk_n',
      createdAt: MADE_AT,
      ...key,
      secret: 'sk_new_secret',
    } as const;
    const { secret: _secret, ...shown } = made;
    keys.push(shown);
    return made;
  };
  const consumer = () => ({ id: 'profiles.project', position: 41, lag: 1, lagMs: 12.5, setAside: 1, isPaused: isConsumerPaused });
  const plugin = () => ({
    id: 'leads',
    title: 'Leads',
    description: 'Scores.',
    version: '0.1.0',
    state: 'loaded' as const,
    actions: ['leads.score'],
    permissions: {},
    isFirstParty: true,
    runsIn: 'process' as const,
    permissionsInWords: [],
    permissionsHash: 'e3',
    contributes: { actions: ['score'] },
    breakingChanges: [],
    consent: { isNeeded: false },
    health: { state: 'ok' as const, incidents: 0 },
    isEnabled,
    settings: {},
    settingsSchema: { type: 'object' },
  });

  return {
    tenant,
    apps: {
      create: (input) => {
        const made = {
          origins: [],
          environment: 'development' as const,
          ...input,
          id: `app-${String(apps.length + 10)}`,
          createdAt: MADE_AT,
        };
        apps.push(made);
        return Promise.resolve(made);
      },
      list: () => Promise.resolve(apps),
      get: (id) => Promise.resolve(apps.find((each) => each.id === id)),
    },
    keys: {
      create: (input) => Promise.resolve(newKey(input)),
      list: () => Promise.resolve(keys),
      rotate: (_id, overlapSeconds = 86_400) => Promise.resolve(newKey({ expiresAt: MADE_AT + overlapSeconds * 1_000 })),
      revoke: (id) => {
        const index = keys.findIndex((key) => key.id === id);
        const key = keys[index];
        if (key === undefined) return Promise.reject(new TendrilError('NOT_FOUND'));
        keys[index] = { ...key, revokedAt: MADE_AT };
        return Promise.resolve();
      },
    },
    ingest: {
      accept: async (app, calls, request) => {
        hub.onGate();
        await hub.gate;
        if (hub.failIngest !== undefined) throw hub.failIngest;
        return calls.map((call) => takeIn(hub, app, call, request));
      },
    },
    events: {
      list: ({ limit = 50, cursor, name }) => {
        const before = cursor === undefined ? 43 : Number(cursor);
        const items = Array.from({ length: Math.min(limit, before - 1) }, (_, index) => fakeEvent(before - 1 - index, name));
        return Promise.resolve(before - 1 > limit ? { items, nextCursor: String(before - limit) } : { items });
      },
      subscribe: (listener) => {
        eventListeners.add(listener);
        return () => eventListeners.delete(listener);
      },
      head: () => Promise.resolve(42),
      countSince: () => Promise.resolve(7),
      quarantined: () => Promise.resolve({ items: [quarantinedEvent()] }),
      replayQuarantine: (ids) => Promise.resolve({ accepted: ids?.length ?? 1, stillInvalid: 0 }),
    },
    schemas: {
      put: (name, schema) => {
        const version = (schemas.get(name)?.version ?? 0) + 1;
        schemas.set(name, { name, version, schema, createdAt: MADE_AT });
        return Promise.resolve({ version });
      },
      list: () => Promise.resolve([...schemas.values()]),
      remove: (name) => Promise.resolve(void schemas.delete(name)),
    },
    consumers: {
      list: () => Promise.resolve([consumer()]),
      pause: () => Promise.resolve(void (isConsumerPaused = true)),
      resume: () => Promise.resolve(void (isConsumerPaused = false)),
      setAside: () => Promise.resolve([{ position: 7, code: 'PLUGIN_FAULTY', message: 'failed', at: MADE_AT }]),
      retrySetAside: () => Promise.resolve({ done: 1, left: 0 }),
      rebuild: () => Promise.resolve({ rebuild: 1 }),
    },
    actions: {
      list: () => Promise.resolve(['profiles.list', 'profiles.count', 'leads.score'].map(actionInfo)),
      call: (name, input, options = {}) => {
        hub.actionCalls.push({ name, input, options: { ...options } as JsonObject });
        return answerAction(name, input);
      },
      fields: (name, { connection = 'only' } = {}) =>
        Promise.resolve([
          {
            pointer: '/fields',
            as: 'fields' as const,
            source: `${name}_fields`,
            schema: { type: 'object', properties: { city: { type: 'string', title: connection } } },
            hash: 'h1',
            fetchedAt: MADE_AT,
            isStale: false,
          },
        ]),
    },
    connections: {
      add: (input) => {
        const made = { isSandbox: false, ...input, state: 'untested' as const, createdAt: MADE_AT, values: {} };
        connections.set(input.name, made);
        return Promise.resolve(made);
      },
      list: () => Promise.resolve([...connections.values()]),
      test: (name) => Promise.resolve({ isWorking: connections.has(name) }),
      remove: (name) => (connections.delete(name) ? Promise.resolve() : Promise.reject(new TendrilError('CONNECTION_UNKNOWN'))),
    },
    contributions: {
      panels: () => Promise.resolve([]),
      readyPipelines: () => Promise.resolve([]),
      addPipeline: (plugin, pipeline) => Promise.reject(new TendrilError('NOT_FOUND', { plugin, pipeline })),
      readPanel: (panel) => Promise.reject(new TendrilError('NOT_FOUND', { panel })),
      webhooks: () => Promise.resolve([]),
      setWebhookSecret: () => Promise.resolve(),
      rotateWebhook: (plugin, webhook) => Promise.reject(new TendrilError('NOT_FOUND', { plugin, webhook })),
    },
    plugins: {
      list: () => Promise.resolve([plugin()]),
      enable: () => Promise.resolve(void (isEnabled = true)),
      disable: () => Promise.resolve(void (isEnabled = false)),
      configure: () => Promise.resolve(),
      resume: () => Promise.resolve(),
      plan: () => Promise.reject(new TendrilError('MANIFEST_INVALID')),
      observe: () => () => undefined,
      exportData: async function* () {
        yield { key: 'a', value: 1 };
      },
      deleteData: () => Promise.resolve({ deleted: 0 }),
    },
    agents: {
      list: () =>
        Promise.resolve([
          {
            name: 'keeper.watch',
            plugin: 'keeper',
            title: 'Watch',
            role: 'Watches orders.',
            everyMs: 60_000,
            actions: ['shop.tag'],
            approval: [],
            lastTickAt: MADE_AT,
            remaining: { sends: 3, spendCents: 0 },
          },
        ]),
      tick: (name) => (name === 'keeper.watch' ? Promise.resolve() : Promise.reject(new TendrilError('NOT_FOUND', { agent: name }))),
    },
    channels: () =>
      Promise.resolve([
        {
          name: 'email',
          plugin: 'email',
          title: 'E-mail',
          action: 'email.send',
          address: '/traits/email',
          unsubscribe: 'link' as const,
          quietHours: true,
        },
      ]),
    ...createFakePipelines({ asked: hub.asked, runListeners }),
    governor: {
      status: () => Promise.resolve({ isPaused, sentToday: 3, testSentToday: 1, ...caps }),
      pause: () => Promise.resolve(void (isPaused = true)),
      resume: () => Promise.resolve(void (isPaused = false)),
      configure: (limits) => Promise.resolve(void (caps = { ...caps, ...limits })),
      suppress: (channel, address) => Promise.resolve(void suppressed.add(`${channel}:${address}`)),
      isSuppressed: (channel, address) => Promise.resolve(suppressed.has(`${channel}:${address}`)),
      unsuppress: (channel, address) => Promise.resolve(void suppressed.delete(`${channel}:${address}`)),
      describeUnsubscribe: (token) =>
        token === 'acme.good'
          ? Promise.resolve({ channel: 'email', purpose: 'news', addressHint: 'a…@example.invalid<b>' })
          : Promise.reject(new TendrilError('NOT_FOUND')),
      unsubscribe: (token) => {
        if (token !== 'acme.good') return Promise.reject(new TendrilError('NOT_FOUND'));
        hub.unsubscribed.push(token);
        return Promise.resolve();
      },
    },
  };
}

function takeIn(hub: FakeHub, app: App, call: RawCall, request: Accepted['request']): IngestOutcome {
  const { type, event, userId, anonymousId, messageId } = call;
  if (typeof type !== 'string') return { status: 'refused', code: 'REQUEST_MALFORMED', reason: 'a call needs a type' };
  if (userId === undefined && anonymousId === undefined)
    return { status: 'refused', code: 'REQUEST_MALFORMED', reason: 'a call needs a userId or an anonymousId' };
  if (Buffer.byteLength(JSON.stringify(call)) > 32 * 1024) return { status: 'refused', code: 'EVENT_TOO_LARGE', reason: 'more than 32 KB' };
  const id = typeof messageId === 'string' ? messageId : `m-${String(hub.accepted.length)}`;
  if (event === 'Invalid') return { status: 'quarantined', messageId: id, reason: '/properties/total must be number' };
  hub.accepted.push({ appId: app.id, call, request });
  return { status: 'accepted', messageId: id, position: hub.accepted.length };
}

function quarantinedEvent(): QuarantinedEvent {
  return {
    id: 'q-1',
    messageId: 'm-9',
    name: 'Invalid',
    appId: 'app-1',
    receivedAt: MADE_AT,
    problems: [{ pointer: '/properties/total', message: 'must be number' }],
    call: { type: 'track' },
  };
}

function actionInfo(name: string): ActionInfo {
  return {
    name,
    title: name,
    effect: name === 'leads.score' ? 'write' : 'read',
    idempotency: 'natural',
    input: {},
    output: {},
    isEnabled: true,
  };
}

function answerAction(name: string, input: JsonObject): Promise<{ output: Json; runId?: string }> {
  switch (name) {
    case 'profiles.count':
      return Promise.resolve({ output: { count: 5 } });
    case 'profiles.list':
    case 'leads.list':
    case 'profiles.timeline':
      return Promise.resolve({ output: { items: [{ id: 'p-1' }], nextCursor: 'next' } });
    case 'profiles.find':
      return Promise.resolve({ output: { person: input['email'] === 'ada@example.invalid' ? { id: 'p-1' } : null } });
    case 'profiles.get':
    case 'leads.get':
      return input['id'] === 'p-1' || input['person'] === 'p-1'
        ? Promise.resolve({ output: { id: 'p-1', traits: {} } })
        : Promise.reject(new TendrilError('NOT_FOUND'));
    case 'leads.score':
      return Promise.resolve({ output: { probability: 0.7 }, runId: 'run-1' });
    default:
      return Promise.reject(new TendrilError('ACTION_UNKNOWN', { action: name }));
  }
}
