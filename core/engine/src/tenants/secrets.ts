import { hash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../environment.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_BYTES = 24;
/** Digits of base 62 that 192 bits need. */
const DIGITS = 33;

/** A new secret: a prefix that tells what it is, and 192 random bits. */
export function createSecret(prefix: 'tw_live_' | 'tw_test_' | 'ts_', random: Random): string {
  let number = BigInt(`0x${Buffer.from(random.bytes(RANDOM_BYTES)).toString('hex')}`);
  let digits = '';
  for (let i = 0; i < DIGITS; i += 1) {
    digits = `${ALPHABET[Number(number % 62n)] ?? ''}${digits}`;
    number /= 62n;
  }
  return prefix + digits;
}

/** Whether it could be a key at all; saves a question to the store. */
export function looksLikeSecret(secret: string): boolean {
  return secret.length <= 64 && /^t(?:w_live|w_test|s)_[0-9A-Za-z]{33}$/.test(secret);
}

/**
 * SHA-256 in hex. Unsalted and fast on purpose: a secret has 192 random bits, so there is nothing that a salt or a slow
 * hash would make harder to guess, and ingest checks one with every request.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Compares two hashes in a time that does not tell where they differ. */
export function isSameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
