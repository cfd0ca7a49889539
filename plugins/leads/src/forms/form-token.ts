import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Call } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';

const KEY = 'forms/key';
const KEY_BYTES = 32;
const NONCE_BYTES = 9;
const PATTERN = /^([A-Za-z0-9_-]{4,400})\.([A-Za-z0-9_-]{43})$/;

/** What a page gave its form along: when it was asked for. */
export interface PageToken {
  readonly form: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly nonce: string;
}

/** What the link of a confirmation says. */
export interface ConfirmationToken {
  readonly submission: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Signs what strangers carry. */
export interface TokenSigner {
  page(form: string, now: number): string;
  readPage(token: string): PageToken | undefined;
  confirmation(content: ConfirmationToken): string;
  readConfirmation(token: string): ConfirmationToken | undefined;
}

/** Makes the key of the tenant when there is none yet; only for handlers that write. */
export async function ensureKey(call: Call<Settings>): Promise<void> {
  if ((await call.kv.get(KEY)) === undefined) await call.kv.set(KEY, randomBytes(KEY_BYTES).toString('base64'));
}

/** `undefined` before the first form was saved. */
export async function createSigner(call: Call<Settings>): Promise<TokenSigner | undefined> {
  const stored = await call.kv.get(KEY);
  if (typeof stored !== 'string') return undefined;
  const key = Buffer.from(stored, 'base64');
  // What is signed says what it is for: a page's token is no link of a confirmation.
  const sign = (content: readonly (string | number)[]): string => {
    const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
    return `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
  };
  const open = (token: string): readonly unknown[] | undefined => {
    const [, payload = '', signature = ''] = PATTERN.exec(token) ?? [];
    const expected = createHmac('sha256', key).update(payload).digest();
    const given = Buffer.from(signature, 'base64url');
    if (payload === '' || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as readonly unknown[];
  };
  return {
    page: (form, now) => sign(['page', form, now, randomBytes(NONCE_BYTES).toString('base64url')]),
    readPage: (token) => {
      const [kind, form, at, nonce] = open(token) ?? [];
      return kind === 'page' && typeof form === 'string' && typeof at === 'number' && typeof nonce === 'string'
        ? { form, at, nonce }
        : undefined;
    },
    confirmation: ({ submission, expiresAt }) => sign(['confirm', submission, expiresAt]),
    readConfirmation: (token) => {
      const [kind, submission, expiresAt] = open(token) ?? [];
      return kind === 'confirm' && typeof submission === 'string' && typeof expiresAt === 'number' ? { submission, expiresAt } : undefined;
    },
  };
}
