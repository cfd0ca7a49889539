import type { TenantKeys } from '@tendril/engine/ports';

/** A tenant's keys under a number, ready once the store has taken them in. */
export interface TenantSession {
  readonly session: number;
  readonly keys: TenantKeys;
  /** The tenant's number. Rejects when the store failed; the next call tries again. */
  readonly ready: () => Promise<number>;
}

/** Keeps one session per tenant for as long as its keys stay the same. */
export class TenantSessions {
  readonly #register: (session: number, keys: TenantKeys) => Promise<number>;
  readonly #latest = new Map<string, TenantSession>();
  #lastSession = 0;

  constructor(register: (session: number, keys: TenantKeys) => Promise<number>) {
    this.#register = register;
  }

  of(keys: TenantKeys): TenantSession {
    const known = this.#latest.get(keys.tenantId);
    if (known !== undefined && areSameKeys(known.keys, keys)) return known;
    const created = this.#create(copyKeys(keys));
    this.#latest.set(keys.tenantId, created);
    return created;
  }

  /** The session that was opened last for a tenant. */
  find(tenantId: string): TenantSession | undefined {
    return this.#latest.get(tenantId);
  }

  #create(keys: TenantKeys): TenantSession {
    const session = (this.#lastSession += 1);
    let registered: Promise<number> | undefined;
    const ready = (): Promise<number> => {
      registered ??= this.#register(session, keys).catch((error: unknown) => {
        registered = undefined;
        throw error;
      });
      return registered;
    };
    return { session, keys, ready };
  }
}

// Copies: a slice of node's shared pool would drag the whole pool along to a worker.
function copyKeys(keys: TenantKeys): TenantKeys {
  const dataKeys = Object.fromEntries(Object.entries(keys.dataKeys).map(([id, key]) => [id, new Uint8Array(key)]));
  return { tenantId: keys.tenantId, currentKeyId: keys.currentKeyId, dataKeys, indexKey: new Uint8Array(keys.indexKey) };
}

function areSameKeys(a: TenantKeys, b: TenantKeys): boolean {
  const ids = Object.keys(a.dataKeys);
  return (
    a.currentKeyId === b.currentKeyId &&
    ids.length === Object.keys(b.dataKeys).length &&
    ids.every((id) => areSameBytes(a.dataKeys[Number(id)], b.dataKeys[Number(id)])) &&
    areSameBytes(a.indexKey, b.indexKey)
  );
}

function areSameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}
