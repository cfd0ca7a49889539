import { isDeepStrictEqual } from 'node:util';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { ConnectionService } from '../hub.ts';
import type { TenantOpener } from '../tenants/index.ts';
import { checkValues } from './connection-check.ts';
import { toConnectionInfo } from './connection-record.ts';
import type { ConnectionKind, ConnectionRecord } from './connection-record.ts';
import { ConnectionStore } from './connection-store.ts';
import { TokenRefresher } from './token-refresher.ts';
import type { TokenRefresherOptions } from './token-refresher.ts';

const CONNECTION_NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** What connections need of the rest of the engine. */
export interface ConnectionsOptions extends Omit<TokenRefresherOptions, 'store'> {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  /** Runs the action that tests a connection. @throws TendrilError of what is wrong with it */
  readonly test: (request: {
    readonly tenantId: string;
    readonly connection: string;
    readonly plugin: string;
    readonly action: string;
    readonly isSandbox: boolean;
  }) => Promise<void>;
  /** Wakes what was blocked for want of this connection. */
  readonly onReconnected: (tenantId: string, connection: { readonly plugin: string; readonly name: string }) => Promise<void>;
}

/** Sealed connections of all tenants, for the rooms that use them. What it returns holds secrets. */
export interface Connections {
  service(tenantId: string): ConnectionService;
  /** @throws TendrilError CONNECTION_UNKNOWN, UPSTREAM_UNAUTHORIZED when it needs a new login */
  fresh(tenantId: string, name: string): Promise<ConnectionRecord>;
  /** The values of `fresh`. */
  freshValues(tenantId: string, name: string): Promise<JsonObject>;
  /** As it is stored, without refreshing. */
  find(tenantId: string, name: string): Promise<ConnectionRecord | undefined>;
  list(tenantId: string): Promise<readonly ConnectionRecord[]>;
  /** After a 401: the next `fresh` renews the token unless that has happened already. */
  invalidate(tenantId: string, name: string, accessTokenSeen: string): Promise<void>;
  /** The service no longer accepts these values, and there is nothing to refresh them with. Nothing happens when they were replaced already. */
  needsLogin(tenantId: string, name: string, valuesSeen: JsonObject): Promise<void>;
}

/** Connections over sealed records of each tenant's state. */
export function createConnections(options: ConnectionsOptions): Connections {
  const store = new ConnectionStore(options.tenants);
  const refresher = new TokenRefresher({ ...options, store });
  return {
    service: (tenantId) => createService(tenantId, store, options),
    fresh: (tenantId, name) => refresher.fresh(tenantId, name),
    freshValues: async (tenantId, name) => (await refresher.fresh(tenantId, name)).values,
    find: async (tenantId, name) => (await store.find(tenantId, name))?.record,
    list: (tenantId) => store.list(tenantId),
    invalidate: (tenantId, name, accessTokenSeen) => refresher.invalidate(tenantId, name, accessTokenSeen),
    needsLogin: async (tenantId, name, valuesSeen) => {
      await store.update(tenantId, name, (record) =>
        record.state === 'needs_login' || !isDeepStrictEqual(record.values, valuesSeen) ? record : { ...record, state: 'needs_login' },
      );
    },
  };
}

function createService(tenantId: string, store: ConnectionStore, options: ConnectionsOptions): ConnectionService {
  const { clock, describeKind } = options;

  async function test(name: string): ReturnType<ConnectionService['test']> {
    const { record } = await store.get(tenantId, name);
    const action = describeKind(record.plugin, record.kind)?.testAction;
    if (action === undefined) return { isWorking: record.state !== 'needs_login' };
    // One that needs a new login is not handed out, not to its test either.
    await store.update(tenantId, name, (current) => (current.state === 'needs_login' ? { ...current, state: 'untested' } : current));
    try {
      await options.test({ tenantId, connection: name, plugin: record.plugin, action, isSandbox: record.isSandbox });
      await store.update(tenantId, name, (current) => ({ ...current, state: 'working', testedAt: clock.now() }));
      return { isWorking: true };
    } catch (error) {
      if (!TendrilError.is(error)) throw error;
      const isRefused = error.code === 'UPSTREAM_UNAUTHORIZED';
      await store.update(tenantId, name, (current) => ({
        ...current,
        ...(isRefused ? { state: 'needs_login' } : {}),
        testedAt: clock.now(),
      }));
      return { isWorking: false, code: error.code, message: error.message };
    }
  }

  return {
    add: async ({ name, plugin, kind, values: given, isSandbox = false, shouldTest = true }) => {
      if (!CONNECTION_NAME.test(name)) throw new TendrilError('INPUT_INVALID', { pointer: '/name', expected: CONNECTION_NAME.source });
      const described = describeKind(plugin, kind);
      const values = checkedValues(described, { plugin, kind, values: given });
      const record: ConnectionRecord = { name, plugin, kind, isSandbox, state: 'untested', createdAt: clock.now(), values };
      await store.put(tenantId, record);
      const outcome = shouldTest ? await test(name) : { isWorking: false };
      const { record: after } = await store.get(tenantId, name);
      if (outcome.isWorking || after.state !== 'needs_login') await options.onReconnected(tenantId, { plugin, name });
      return toConnectionInfo(after, described);
    },
    list: async () => (await store.list(tenantId)).map((record) => toConnectionInfo(record, describeKind(record.plugin, record.kind))),
    test: async (name) => {
      const outcome = await test(name);
      // It may have been given up for a fault of the service that has passed.
      if (outcome.isWorking) await options.onReconnected(tenantId, { plugin: (await store.get(tenantId, name)).record.plugin, name });
      return outcome;
    },
    remove: async (name) => {
      await store.get(tenantId, name);
      await store.remove(tenantId, name);
    },
  };
}

function checkedValues(
  found: ConnectionKind | undefined,
  { plugin, kind, values: given }: { readonly plugin: string; readonly kind: string; readonly values: JsonObject },
): JsonObject {
  if (found === undefined)
    throw new TendrilError('CONNECTION_INVALID', {
      plugin,
      kind,
      problems: [{ pointer: '/kind', message: 'no installed plugin has this kind of connection' }],
    });
  const { values, problems } = checkValues(found, given);
  if (problems.length > 0) throw new TendrilError('CONNECTION_INVALID', { plugin, kind, problems });
  return values;
}
