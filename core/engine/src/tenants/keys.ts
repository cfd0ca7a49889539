import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Random } from '../environment.ts';
import type { App, NewApiKey, Scope, TenantKeyService } from '../hub.ts';
import type { TenantState } from '../ports.ts';
import { readApp } from './apps.ts';
import { fromKeyRecord, isInForce, SCOPES, toApiKey, toKeyRecord } from './key-record.ts';
import type { KeyRecord } from './key-record.ts';
import { queryAll } from './query-all.ts';
import { createSecret, hashSecret } from './secrets.ts';
import { KEY_DIRECTORY, KEYS } from './tables.ts';

const DEFAULT_OVERLAP_SECONDS = 86_400;
/** A second after which a prefix is long enough to recognise a key and too short to help guessing it. */
const SHOWN_DIGITS = 4;

/** What the keys of one tenant need. */
export interface TenantKeyOptions {
  readonly tenantId: string;
  readonly state: TenantState;
  readonly hub: TenantState;
  readonly clock: Clock;
  readonly random: Random;
  /** Forgets what is cached of a key, by its hash. */
  readonly onChanged: (hash: string) => void;
}

/** Keys of one tenant. The secret is in the answer of `create` and `rotate` and nowhere else. */
export function createTenantKeyService(options: TenantKeyOptions): TenantKeyService {
  const { tenantId, state, hub, clock, random, onChanged } = options;

  async function issue(rights: Pick<KeyRecord, 'kind' | 'scopes'> & { readonly app?: App | undefined }): Promise<NewApiKey> {
    const prefix = rights.kind === 'secret' ? 'ts_' : rights.app?.isTest === true ? 'tw_test_' : 'tw_live_';
    const secret = createSecret(prefix, random);
    const record: KeyRecord = {
      id: `key_${random.id()}`,
      kind: rights.kind,
      ...(rights.app === undefined ? {} : { appId: rights.app.id }),
      scopes: rights.scopes,
      prefix: secret.slice(0, prefix.length + SHOWN_DIGITS),
      createdAt: clock.now(),
      hash: hashSecret(secret),
    };
    await state.commit([{ op: 'put', table: KEYS, value: fromKeyRecord(record), expect: 0 }]);
    // Second, so that a directory entry always finds its key; a key that nobody was shown is harmless.
    await hub.commit([{ op: 'put', table: KEY_DIRECTORY, value: { hash: record.hash, tenantId, keyId: record.id }, expect: 0 }]);
    onChanged(record.hash);
    return { ...toApiKey(record), secret };
  }

  async function change(keyId: string, update: (record: KeyRecord) => KeyRecord): Promise<KeyRecord> {
    for (;;) {
      const [row] = await state.get(KEYS, [keyId]);
      if (row === undefined) throw new TendrilError('NOT_FOUND', { key: keyId });
      const next = update(toKeyRecord(row.value));
      const result = await state.commit([{ op: 'put', table: KEYS, value: fromKeyRecord(next), expect: row.version }]);
      if (!result.ok) continue;
      onChanged(next.hash);
      return next;
    }
  }

  return {
    create: async (input) => {
      if (input.kind === 'secret') return issue({ kind: 'secret', scopes: checkedScopes(input.scopes) });
      const app = await readApp(state, input.appId);
      if (app === undefined) throw new TendrilError('NOT_FOUND', { app: input.appId });
      return issue({ kind: 'write', scopes: [], app });
    },
    list: async () => (await queryAll(state, KEYS, { index: 'byAge' })).map((row) => toApiKey(toKeyRecord(row.value))),
    rotate: async (keyId, overlapSeconds = DEFAULT_OVERLAP_SECONDS) => {
      if (!Number.isFinite(overlapSeconds) || overlapSeconds < 0)
        throw new TendrilError('INPUT_INVALID', { pointer: '/overlapSeconds', expected: 'seconds, 0 or more' });
      const [row] = await state.get(KEYS, [keyId]);
      if (row === undefined) throw new TendrilError('NOT_FOUND', { key: keyId });
      const old = toKeyRecord(row.value);
      if (!isInForce(old, clock.now())) throw new TendrilError('KEY_INVALID', { key: keyId });
      const app = old.appId === undefined ? undefined : await readApp(state, old.appId);
      const replacement = await issue({ kind: old.kind, scopes: old.scopes, app });
      const expiresAt = clock.now() + overlapSeconds * 1_000;
      await change(keyId, (record) => ({ ...record, expiresAt: Math.min(record.expiresAt ?? Infinity, expiresAt) }));
      return replacement;
    },
    revoke: async (keyId) => {
      await change(keyId, (record) => ({ ...record, revokedAt: record.revokedAt ?? clock.now() }));
    },
  };
}

function checkedScopes(scopes: readonly Scope[]): readonly Scope[] {
  const wrong = scopes.findIndex((scope) => !SCOPES.includes(scope));
  if (wrong !== -1 || scopes.length === 0)
    throw new TendrilError('INPUT_INVALID', { pointer: `/scopes/${Math.max(wrong, 0)}`, expected: SCOPES.join(', ') });
  return [...new Set(scopes)];
}
