import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { KeyService, Principal } from '../hub.ts';
import type { TenantState } from '../ports.ts';
import { readApp } from './apps.ts';
import type { TenantOpener } from './contract.ts';
import { isInForce, toKeyRecord } from './key-record.ts';
import { hashSecret, isSameHash, looksLikeSecret } from './secrets.ts';
import { KEY_DIRECTORY, KEYS } from './tables.ts';

/** How long an answer is believed, so that a revocation elsewhere counts within 2 s. */
const CACHE_AGE_MS = 1_500;
/** Bounds memory when somebody tries many keys. */
const CACHE_ENTRIES = 10_000;

interface Entry {
  /** `undefined`: no such key. */
  readonly principal: Principal | undefined;
  readonly expiresAt: number;
  readonly readAt: number;
}

/** A key service with the means to drop what it remembers. */
export interface Authenticator extends KeyService {
  forget(hash: string): void;
}

/** Finds out who a key is: two reads of the state, then microseconds for as long as the answer is believed. */
export function createAuthenticator(options: {
  readonly tenants: TenantOpener;
  readonly hub: TenantState;
  readonly clock: Clock;
}): Authenticator {
  const { tenants, hub, clock } = options;
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<Entry>>();

  async function read(hash: string): Promise<Entry> {
    const unknown: Entry = { principal: undefined, expiresAt: Infinity, readAt: clock.now() };
    const [listing] = await hub.get(KEY_DIRECTORY, [hash]);
    if (listing === undefined) return unknown;
    const { tenantId, keyId } = listing.value as { readonly tenantId: string; readonly keyId: string };
    const { state } = await tenants.open(tenantId);
    const [row] = await state.get(KEYS, [keyId]);
    if (row === undefined) return unknown;
    const key = toKeyRecord(row.value);
    if (!isSameHash(key.hash, hash) || !isInForce(key, clock.now())) return unknown;
    const app = key.appId === undefined ? undefined : await readApp(state, key.appId);
    const principal: Principal = { tenantId, kind: key.kind, keyId, scopes: key.scopes, ...(app === undefined ? {} : { app }) };
    return { principal, expiresAt: key.expiresAt ?? Infinity, readAt: unknown.readAt };
  }

  function load(hash: string): Promise<Entry> {
    const found = loading.get(hash);
    if (found !== undefined) return found;
    const reading = read(hash).then((entry) => {
      // A change in the meantime took this reading out of the map: it answers who asked before, and is not kept.
      if (loading.get(hash) === reading) keep(hash, entry);
      return entry;
    });
    loading.set(hash, reading);
    const done = (): void => {
      if (loading.get(hash) === reading) loading.delete(hash);
    };
    reading.then(done, done);
    return reading;
  }

  function keep(hash: string, entry: Entry): void {
    if (entries.size >= CACHE_ENTRIES) {
      const oldest = entries.keys().next();
      if (oldest.done !== true) entries.delete(oldest.value);
    }
    entries.delete(hash);
    entries.set(hash, entry);
  }

  return {
    authenticate: async (secret) => {
      if (typeof secret !== 'string' || !looksLikeSecret(secret)) throw new TendrilError('KEY_INVALID');
      const hash = hashSecret(secret);
      const now = clock.now();
      const cached = entries.get(hash);
      // A clock that was set back does not make an answer young again.
      const entry = cached !== undefined && Math.abs(now - cached.readAt) < CACHE_AGE_MS ? cached : await load(hash);
      if (entry.principal === undefined || entry.expiresAt <= now) throw new TendrilError('KEY_INVALID');
      return entry.principal;
    },
    session: async (tenantId) => {
      await tenants.open(tenantId);
      return { tenantId, kind: 'session', keyId: 'session', scopes: ['admin'] };
    },
    forget: (hash) => {
      entries.delete(hash);
      loading.delete(hash);
    },
  };
}
