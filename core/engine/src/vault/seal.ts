import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';

/** A key of 32 bytes. A `KeyObject` spares its preparation on each use. */
export type SealKey = Uint8Array | KeyObject;

/** How a payload was sealed; stored beside it, so that another way can come later. */
export const SEAL_CODEC = 1;

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HASH_BYTES = 16;

const NONCES_AT_ONCE = 1_024;
const nonces = Buffer.alloc(NONCE_BYTES * NONCES_AT_ONCE);
let nextNonce = NONCES_AT_ONCE;

// One call of the random generator for many nonces: it costs as much as sealing a small payload.
function takeNonce(): Buffer {
  if (nextNonce === NONCES_AT_ONCE) {
    randomFillSync(nonces);
    nextNonce = 0;
  }
  const start = nextNonce * NONCE_BYTES;
  nextNonce += 1;
  return Buffer.from(nonces.subarray(start, start + NONCE_BYTES));
}

/**
 * Seals with AES-256-GCM under a random 96-bit nonce: nonce, ciphertext, tag.
 *
 * `associatedData` names the place that the payload belongs to (tenant, table, record), so that it opens nowhere else.
 * One key may seal 2^32 payloads at most, the bound for random nonces.
 *
 * @see NIST SP 800-38D, sections 5.2.1 and 8.3
 */
export function seal(plaintext: Uint8Array | string, key: SealKey, associatedData: Uint8Array | string): Buffer {
  const nonce = takeNonce();
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  cipher.setAAD(toBytes(associatedData));
  const body = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()], NONCE_BYTES + body.length + TAG_BYTES);
}

/**
 * Opens what `seal` made.
 *
 * @throws TendrilError VAULT_KEY_MISSING when there is no key
 * @throws TendrilError VAULT_TAMPERED when bytes, key or associated data are not those of the sealing
 */
export function open(sealed: Uint8Array, key: SealKey | undefined, associatedData: Uint8Array | string): Buffer {
  if (key === undefined) throw new TendrilError('VAULT_KEY_MISSING');
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new TendrilError('VAULT_TAMPERED');
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(toBytes(associatedData));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const body = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (error) {
    throw new TendrilError('VAULT_TAMPERED', {}, { cause: error });
  }
  return body;
}

/** HMAC-SHA-256 cut to 16 bytes: stands for an identity or a personal field where it must be found again. */
export function indexHash(indexKey: SealKey, text: string): Buffer {
  return createHmac('sha256', indexKey).update(text).digest().subarray(0, HASH_BYTES);
}

function toBytes(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : data;
}
