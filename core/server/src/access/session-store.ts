import { randomBytes, randomUUID } from 'node:crypto';
import session from 'express-session';
import type { SessionData } from 'express-session';
import type { Clock } from '@tendril/plugin-api';

/** How long a session lasts, in milliseconds. */
export const SESSION_MS = 12 * 60 * 60 * 1_000;
const ENDED_LIMIT = 10_000;

interface Statement {
  readonly tenantId: string;
  readonly expiresAt: number;
}

/** A session id that says all that there is to know. express-session signs the cookie that carries it. */
export function issueSessionId(tenantId: string, clock: Clock): string {
  const statement = Buffer.from(JSON.stringify([tenantId, clock.now() + SESSION_MS])).toString('base64url');
  return `${statement}.${randomBytes(16).toString('base64url')}`;
}

/** An id for a visitor who is nobody yet; no session is kept under it. Each request of the API asks for one: it has to be cheap. */
export function issueVisitorId(): string {
  return randomUUID();
}

function readSessionId(id: string): Statement | undefined {
  const [statement, nonce] = id.split('.');
  if (statement === undefined || nonce === undefined) return undefined;
  const [tenantId, expiresAt] = JSON.parse(Buffer.from(statement, 'base64url').toString('utf8')) as [string, number];
  return { tenantId, expiresAt };
}

/**
 * A store that stores nothing but which sessions were ended before their time: a session is the signed statement in its
 * cookie, so that it outlives a restart of the one process that serves it.
 */
export class SignedSessionStore extends session.Store {
  readonly #clock: Clock;
  readonly #endedUntil = new Map<string, number>();

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  /** Whether the id is of a session that has neither run out nor been ended. */
  isOpen(id: string): boolean {
    const statement = readSessionId(id);
    return statement !== undefined && statement.expiresAt > this.#clock.now() && !this.#endedUntil.has(id);
  }

  override get(id: string, done: (failure: unknown, found?: SessionData | null) => void): void {
    const statement = readSessionId(id);
    if (statement === undefined || !this.isOpen(id)) {
      done(undefined, null);
      return;
    }
    const expires = new Date(statement.expiresAt);
    const cookie = Object.assign(new session.Cookie(), { originalMaxAge: SESSION_MS, expires, sameSite: 'lax' });
    const found: SessionData & { readonly passport: object } = { cookie, passport: { user: statement.tenantId } };
    done(undefined, found);
  }

  override set(_id: string, _data: SessionData, done?: (failure?: unknown) => void): void {
    done?.();
  }

  override destroy(id: string, done?: (failure?: unknown) => void): void {
    const statement = readSessionId(id);
    if (statement !== undefined) this.#end(id, statement.expiresAt);
    done?.();
  }

  #end(id: string, until: number): void {
    for (const [known, endsAt] of this.#endedUntil) {
      if (endsAt > this.#clock.now() && this.#endedUntil.size < ENDED_LIMIT) break;
      this.#endedUntil.delete(known);
    }
    this.#endedUntil.set(id, until);
  }
}
