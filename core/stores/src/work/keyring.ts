import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { TenantKeys } from '@tendril/engine/ports';
import { indexHash, open, seal, SEAL_CODEC } from '@tendril/engine/seal';
import { bytesOf, numberOf } from './step.ts';
import type { SqlRow } from './step.ts';

const REMEMBERED_HASHES = 8_192;

/** A payload as it is stored. */
export interface SealedPayload {
  readonly codec: number;
  readonly keyId: number;
  readonly bytes: Uint8Array;
}

/** The prepared keys of one tenant. */
export class Keyring {
  readonly tenantId: string;
  readonly #currentKeyId: number;
  readonly #dataKeys: ReadonlyMap<number, KeyObject>;
  readonly #indexKey: KeyObject;
  #hashes = new Map<string, Uint8Array>();
  #earlierHashes: ReadonlyMap<string, Uint8Array> = new Map();

  constructor(keys: TenantKeys) {
    this.tenantId = keys.tenantId;
    this.#currentKeyId = keys.currentKeyId;
    this.#dataKeys = new Map(Object.entries(keys.dataKeys).map(([id, key]) => [Number(id), createSecretKey(key)]));
    this.#indexKey = createSecretKey(keys.indexKey);
  }

  /** @throws TendrilError VAULT_KEY_MISSING when the current key is not among the keys */
  seal(plaintext: string, place: string | Uint8Array): SealedPayload {
    const key = this.#dataKeys.get(this.#currentKeyId);
    if (key === undefined) throw new TendrilError('VAULT_KEY_MISSING', { keyId: this.#currentKeyId });
    return { codec: SEAL_CODEC, keyId: this.#currentKeyId, bytes: seal(plaintext, key, place) };
  }

  /** @throws TendrilError VAULT_KEY_MISSING, VAULT_TAMPERED */
  open(row: SqlRow, place: string | Uint8Array, column = 'payload'): string {
    const keyId = numberOf(row, 'key_id');
    const key = this.#dataKeys.get(keyId);
    if (key === undefined) throw new TendrilError('VAULT_KEY_MISSING', { keyId });
    const codec = numberOf(row, 'codec');
    if (codec !== SEAL_CODEC) throw new TendrilError('STORE_NEWER', { codec });
    return open(bytesOf(row, column), key, place).toString();
  }

  /** The keyed hash of an identity or a personal field. The same few are asked for again and again, those of a batch some times one after the other. */
  readonly hash = (text: string): Uint8Array => {
    const known = this.#hashes.get(text);
    if (known !== undefined) return known;
    const hash = this.#earlierHashes.get(text) ?? indexHash(this.#indexKey, text);
    if (this.#hashes.size >= REMEMBERED_HASHES) {
      this.#earlierHashes = this.#hashes;
      this.#hashes = new Map();
    }
    this.#hashes.set(text, hash);
    return hash;
  };
}
