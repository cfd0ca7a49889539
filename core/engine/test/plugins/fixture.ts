import { randomBytes } from 'node:crypto';
import { createMemoryStores } from '@tendril/testkit/stores';
import type { Call, Host, JsonObject, Logger } from '@tendril/plugin-api';
import type { JobHandler, JobWorker } from '../../src/jobs/index.ts';
import type { JobQueue, StateStore, TableSpec, TenantKeys } from '../../src/ports.ts';
import type { OpenTenant, TenantOpener } from '../../src/tenants/contract.ts';
import { systemTimers } from '../../src/environment.ts';
import { createPluginHost } from '../../src/plugins/index.ts';
import type { CallAction, LoadedAction, PluginHost, PluginHostOptions, PluginSource } from '../../src/plugins/index.ts';

/** A clock that stands still until it is moved. */
export class TestClock {
  #now = Date.UTC(2026, 0, 15, 12);

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Keeps lines for assertions. */
export function recordingLog(lines: LogLine[] = []): Logger & { readonly lines: readonly LogLine[] } {
  const write =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields: fields as Readonly<Record<string, unknown>>, message });
    };
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** Tenants over stores in memory. */
export interface MemoryTenants extends TenantOpener {
  readonly jobs: JobQueue;
  readonly outbox: StateStore['outbox'];
  define(tables: readonly TableSpec[]): Promise<void>;
}

export function memoryTenants(clock: TestClock, ids: readonly string[] = ['acme', 'globex']): MemoryTenants {
  const stores = createMemoryStores({ clock });
  const opened = new Map<string, OpenTenant>();
  for (const id of ids) {
    const keys: TenantKeys = { tenantId: id, currentKeyId: 1, dataKeys: { 1: randomBytes(32) }, indexKey: randomBytes(32) };
    opened.set(id, {
      tenant: { id, name: id, timeZone: 'Europe/Berlin', createdAt: 0 },
      keys,
      log: stores.log.tenant(keys),
      state: stores.state.tenant(keys),
    });
  }
  return {
    open: async (id) => {
      const found = opened.get(id);
      if (found === undefined) throw new Error(`no tenant ${id}`);
      return found;
    },
    ids: async () => ids,
    jobs: stores.state.jobs,
    outbox: stores.state.outbox,
    define: (tables) => stores.state.defineTables(tables),
  };
}

/** A plugin made of a manifest and a setup function. */
export function source(
  manifest: JsonObject & { readonly id: string },
  setup: (host: Host) => void = () => undefined,
  extra: Partial<PluginSource> & { readonly files?: Readonly<Record<string, string>> } = {},
): PluginSource {
  const { files = {}, ...overrides } = extra;
  return {
    folder: manifest.id,
    file: `plugins/${manifest.id}/plugin.json`,
    packageJson: { name: `@tendril/plugin-${manifest.id}`, version: '1.2.0', description: 'A plugin of a test.' },
    manifest: { title: 'Test', engines: { tendril: '^0.1.0' }, contributes: {}, ...manifest },
    read: async (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
    load: async () => ({ default: { setup } }),
    ...overrides,
  };
}

/** An action that takes and gives anything. */
export function anyAction(members: JsonObject = {}): JsonObject {
  return { title: 'Does it', effect: 'read', input: { type: 'object' }, output: true, ...members };
}

export interface HostFixture {
  readonly host: PluginHost;
  readonly clock: TestClock;
  readonly tenants: MemoryTenants;
  readonly log: ReturnType<typeof recordingLog>;
  readonly action: (name: string) => LoadedAction;
}

/** A started host with its plugins enabled for all tenants. */
export async function startHost(
  sources: readonly PluginSource[],
  options: Partial<PluginHostOptions> & {
    readonly enable?: boolean;
    /** Goes on with what another host has left behind. */
    readonly after?: HostFixture;
  } = {},
): Promise<HostFixture> {
  const clock = options.after?.clock ?? new TestClock();
  const tenants = options.after?.tenants ?? memoryTenants(clock);
  const log = recordingLog();
  const callAction: CallAction = async () => ({ output: null, changes: [] });
  const { enable = true, after: _after, ...rest } = options;
  const host = createPluginHost({
    sources,
    tenants,
    clock,
    timers: systemTimers,
    log,
    callAction,
    defineTables: (tables) => tenants.define(tables),
    ...rest,
  });
  await host.start();
  await tenants.define(host.tables());
  if (enable) {
    for (const tenant of await tenants.ids())
      for (const plugin of host.catalogue.list())
        if (plugin.state === 'loaded') await host.tenantPlugins(tenant).enable(plugin.id, { consent: plugin.permissionsHash });
  }
  const action = (name: string): LoadedAction => {
    const found = host.action(name);
    if (found === undefined) throw new Error(`no action ${name}: ${JSON.stringify(host.catalogue.faults())}`);
    return found;
  };
  return { host, clock, tenants, log, action };
}

/** How a handler is run in tests that do not look at it. */
export const RUN = { isTest: false, idempotencyKey: 'test-1', attempt: 1 } as const;

/** A plugin with one action `go` whose handler is given. */
export function oneAction(
  handler: (input: JsonObject, call: Call) => Promise<unknown>,
  manifest: JsonObject = {},
  action: JsonObject = {},
): PluginSource {
  return source({ id: 'probe', contributes: { actions: { go: anyAction(action) } }, ...manifest }, (host) => {
    host.action('go', handler as Parameters<Host['action']>[1]);
  });
}

/** Does what is due of one kind for a tenant, as a worker would. @returns how many jobs were due */
export type RunDue = (kind: string, tenantId?: string) => Promise<number>;

/** Takes up a host's jobs without a worker: they are done when the test says so. */
export async function takeUpJobs({ host, tenants }: HostFixture): Promise<RunDue> {
  const handlers = new Map<string, JobHandler>();
  const register: JobWorker['register'] = (kind, handler) => void handlers.set(kind, handler);
  await host.startSchedules({ register } as unknown as JobWorker);
  const { signal } = new AbortController();
  return async (kind, tenantId = 'acme') => {
    const claims = await tenants.jobs.claimDue('w', { limit: 10, leaseMs: 1_000, kinds: [kind] });
    const due = claims.filter((claim) => claim.tenantId === tenantId);
    for (const claim of due) await handlers.get(kind)?.({ claim, signal, onNudge: () => () => undefined });
    return due.length;
  };
}
