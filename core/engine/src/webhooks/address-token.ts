import { hash } from 'node:crypto';
import type { Random } from '../environment.ts';

const TOKEN_BYTES = 24;

/** A part of an address that nobody guesses: 32 characters of 192 random bits. */
export function createAddressToken(random: Pick<Random, 'bytes'>): string {
  return Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url');
}

/** By which the address is found. The token has 192 random bits: nothing is gained by a salt or a slow hash. */
export function digestOfToken(token: string): string {
  return hash('sha256', token, 'hex');
}
