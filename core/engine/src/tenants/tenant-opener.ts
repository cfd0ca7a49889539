import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Tenant, TenantAdmin } from '../hub.ts';
import type { Stores } from '../ports.ts';
import type { OpenTenant, TenantOpener } from './contract.ts';
import type { Keyring } from './keyring.ts';
import { queryAll } from './query-all.ts';
import { TENANTS } from './tables.ts';

const TENANT_ID = /^[a-z][a-z0-9_-]{0,62}$/;
/** How long the list of tenants may lag behind what other processes create. */
const IDS_AGE_MS = 1_000;

/** Opens tenants and makes new ones. */
export interface Tenants extends TenantOpener {
  readonly admin: TenantAdmin;
  /** Forgets the unwrapped keys of a tenant, so that the next `open` reads them again. */
  forget(tenantId: string): void;
}

/** @returns tenants over the state of `_hub`; opened ones stay open */
export function createTenants(options: { readonly stores: Stores; readonly keyring: Keyring; readonly clock: Clock }): Tenants {
  const { stores, keyring, clock } = options;
  const opened = new Map<string, Promise<OpenTenant>>();
  let ids: { readonly at: number; readonly list: readonly string[] } | undefined;

  async function load(tenantId: string): Promise<OpenTenant> {
    const [row] = await keyring.hub.get(TENANTS, [tenantId]);
    if (row === undefined) throw new TendrilError('NOT_FOUND', { tenant: tenantId });
    const keys = await keyring.open(tenantId);
    return { tenant: toTenant(row.value), keys, log: stores.log.tenant(keys), state: stores.state.tenant(keys) };
  }

  function open(tenantId: string): Promise<OpenTenant> {
    const found = opened.get(tenantId);
    if (found !== undefined) return found;
    const opening = load(tenantId);
    opened.set(tenantId, opening);
    opening.catch(() => {
      if (opened.get(tenantId) === opening) opened.delete(tenantId);
    });
    return opening;
  }

  async function listIds(): Promise<readonly string[]> {
    if (ids === undefined || Math.abs(clock.now() - ids.at) >= IDS_AGE_MS) {
      const rows = await queryAll(keyring.hub, TENANTS);
      ids = { at: clock.now(), list: rows.map((row) => row.key) };
    }
    return ids.list;
  }

  const admin: TenantAdmin = {
    create: async (input) => {
      const tenant = checkedTenant(input, clock.now());
      const { change } = keyring.create(tenant.id);
      const result = await keyring.hub.commit([{ op: 'put', table: TENANTS, value: fromTenant(tenant), expect: 0 }, change]);
      if (!result.ok) throw new TendrilError('ALREADY_EXISTS', { tenant: tenant.id });
      ids = undefined;
      return tenant;
    },
    list: async () => (await queryAll(keyring.hub, TENANTS, { index: 'byAge' })).map((row) => toTenant(row.value)),
    get: async (tenantId) => {
      const [row] = await keyring.hub.get(TENANTS, [tenantId]);
      return row === undefined ? undefined : toTenant(row.value);
    },
  };

  return { open, ids: listIds, admin, forget: (tenantId) => opened.delete(tenantId) };
}

function checkedTenant(input: Parameters<TenantAdmin['create']>[0], createdAt: number): Tenant {
  if (!TENANT_ID.test(input.id)) throw new TendrilError('INPUT_INVALID', { pointer: '/id', expected: TENANT_ID.source });
  if (typeof input.name !== 'string' || input.name.trim() === '')
    throw new TendrilError('INPUT_INVALID', { pointer: '/name', expected: 'a name' });
  const timeZone = input.timeZone ?? 'UTC';
  if (!isTimeZone(timeZone))
    throw new TendrilError('INPUT_INVALID', { pointer: '/timeZone', expected: 'an IANA time zone such as Europe/Berlin' });
  return { id: input.id, name: input.name, timeZone, createdAt };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function toTenant(value: JsonObject): Tenant {
  return value as unknown as Tenant;
}

function fromTenant({ id, name, timeZone, createdAt }: Tenant): JsonObject {
  return { id, name, timeZone, createdAt };
}
