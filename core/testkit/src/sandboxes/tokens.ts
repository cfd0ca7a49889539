import { randomBytes } from 'node:crypto';
import type { Ledger } from './ledger.ts';

const PREFIX = 'token.';

/** Access tokens of one sandbox; they survive a restart. */
export interface Tokens {
  /** @param lifetimeMs how long it holds, in milliseconds */
  issue(at: number, lifetimeMs: number): string;
  state(token: string, at: number): 'valid' | 'expired' | 'unknown';
  expireAll(): void;
}

/** Keeps the access tokens of one sandbox in its ledger. */
export function createTokens(ledger: Ledger, format: (random: string) => string): Tokens {
  return {
    issue(at, lifetimeMs) {
      const token = format(randomBytes(48).toString('base64url'));
      ledger.setSetting(`${PREFIX}${token}`, String(at + lifetimeMs));
      return token;
    },
    state(token, at) {
      const expiresAt = ledger.getSetting(`${PREFIX}${token}`);
      if (expiresAt === undefined) return 'unknown';
      return Number(expiresAt) > at ? 'valid' : 'expired';
    },
    expireAll() {
      for (const { name } of ledger.settings(PREFIX)) ledger.setSetting(name, '0');
    },
  };
}

/** The value of a setting, made once. */
export function keepSecret(ledger: Ledger, name: string, make: () => string): string {
  const kept = ledger.getSetting(`secret.${name}`);
  if (kept !== undefined) return kept;
  const made = make();
  ledger.setSetting(`secret.${name}`, made);
  return made;
}

/** A JSON value as text: texts as they are. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Random text of letters, digits, `-` and `_`. */
export function randomText(sizeBytes: number): string {
  return randomBytes(sizeBytes).toString('base64url');
}

/** The token of an `Authorization: Bearer` header; empty where there is none. */
export function bearerOf(header: string | undefined): string {
  return /^(?:Bearer|OAuth) (.+)$/i.exec(header ?? '')?.[1] ?? '';
}
