import type { JsonObject } from '@tendril/plugin-api';
import { createActionPath } from '../../src/actions/index.ts';
import type { ActionRequest, CreatedActionPath } from '../../src/actions/index.ts';
import { systemTimers } from '../../src/environment.ts';
import { createGovernor, GOVERNOR_TABLES } from '../../src/governor/index.ts';
import type { Governor } from '../../src/governor/index.ts';
import { createLimiter, createPluginHost } from '../../src/plugins/index.ts';
import type { NetworkOptions, PluginHost, PluginSource } from '../../src/plugins/index.ts';
import type { ConnectionRecord, Connections } from '../../src/vault/index.ts';
import type { TenantOpener } from '../../src/tenants/index.ts';
import { memoryTenants, recordingLog, TestClock } from '../plugins/fixture.ts';

/** Connections in memory; a token that was invalidated is another one the next time. */
export class MemoryConnections {
  readonly records = new Map<string, ConnectionRecord>();
  readonly invalidated: string[] = [];

  add(name: string, overrides: Partial<ConnectionRecord> = {}): void {
    this.records.set(name, {
      name,
      plugin: 'crm',
      kind: 'account',
      isSandbox: true,
      state: 'working',
      createdAt: 0,
      values: { accessToken: 'first' },
      ...overrides,
    });
  }

  readonly port: Connections = {
    service: () => {
      throw new Error('not used');
    },
    fresh: async (_tenantId, name) => this.#get(name),
    freshValues: async (_tenantId, name) => this.#get(name).values,
    find: async (_tenantId, name) => this.records.get(name),
    list: async () => [...this.records.values()],
    invalidate: async (_tenantId, name, seen) => {
      this.invalidated.push(seen);
      this.records.set(name, { ...this.#get(name), values: { accessToken: 'second' } });
    },
    needsLogin: async (_tenantId, name) => {
      this.records.set(name, { ...this.#get(name), state: 'needs_login' });
    },
  };

  #get(name: string): ConnectionRecord {
    const found = this.records.get(name);
    if (found === undefined) throw new Error(`no connection ${name}`);
    return found;
  }
}

export interface PathFixture {
  readonly path: CreatedActionPath;
  readonly host: PluginHost;
  readonly governor: Governor;
  readonly connections: MemoryConnections;
  readonly tenants: TenantOpener;
  readonly clock: TestClock;
}

/** The call path over loaded plugins, all enabled. */
export async function startPath(sources: readonly PluginSource[], network?: NetworkOptions): Promise<PathFixture> {
  const clock = new TestClock();
  const tenants = memoryTenants(clock);
  const connections = new MemoryConnections();
  const late: { path?: CreatedActionPath } = {};
  const host = createPluginHost({
    sources,
    tenants,
    clock,
    timers: systemTimers,
    log: recordingLog(),
    callAction: async (nested) => {
      if (late.path === undefined) throw new Error('not wired');
      return late.path.callNested(nested);
    },
    ...(network !== undefined && { network }),
  });
  await host.start();
  await tenants.define([...host.tables(), ...GOVERNOR_TABLES]);
  for (const tenant of await tenants.ids())
    for (const plugin of host.catalogue.list()) if (plugin.state === 'loaded') await host.tenantPlugins(tenant).enable(plugin.id);
  const governor = createGovernor({ tenants, clock, publicUrl: () => 'https://hub.example.invalid' });
  const path = (late.path = createActionPath({
    host,
    connections: connections.port,
    governor,
    limiter: createLimiter({ clock, timers: systemTimers }),
    clock,
    timers: systemTimers,
  }));
  return { path, host, governor, connections, tenants, clock };
}

/** A call as a pipeline makes it. */
export function request(name: string, input: JsonObject = {}, overrides: Partial<ActionRequest> = {}): ActionRequest {
  return {
    tenantId: 'acme',
    name,
    input,
    idempotencyKey: 'run-1',
    attempt: 1,
    caller: { kind: 'pipeline', id: 'p' },
    isTest: false,
    ...overrides,
  };
}
