import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import { pause } from '../environment.ts';
import type { Random, Timers } from '../environment.ts';
import type { ConnectionKind, ConnectionRecord } from './connection-record.ts';
import type { ConnectionStore, VersionedConnection } from './connection-store.ts';

/** What a refresh grant (RFC 6749, section 6) gave. */
export interface RefreshedToken {
  readonly accessToken: string;
  /** Missing when the old one stays in force. */
  readonly refreshToken?: string;
  /** Epoch milliseconds; missing when the service does not say. */
  readonly expiresAt?: number;
}

/**
 * Asks the service for a new access token.
 *
 * @throws TendrilError UPSTREAM_UNAUTHORIZED when it refuses for good (`invalid_grant`)
 */
export type RefreshToken = (request: {
  readonly tenantId: string;
  readonly connection: string;
  readonly plugin: string;
  readonly kind: string;
  readonly isSandbox: boolean;
  readonly values: JsonObject;
}) => Promise<RefreshedToken>;

/** What the refresher needs. */
export interface TokenRefresherOptions {
  readonly store: ConnectionStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly describeKind: (plugin: string, kind: string) => ConnectionKind | undefined;
  readonly refresh: RefreshToken;
}

/** A token is renewed when it has less than this left, so that it outlives the request it is used for. */
const EARLY_MS = 60_000;
/** How long one worker may take; after that another tries. */
const REFRESH_LEASE_MS = 30_000;
const WAIT_MS = 100;

/** Keeps access tokens fresh: one worker refreshes, all others wait and read what it got. */
export class TokenRefresher {
  readonly #options: TokenRefresherOptions;
  readonly #running = new Map<string, Promise<ConnectionRecord>>();

  constructor(options: TokenRefresherOptions) {
    this.#options = options;
  }

  /**
   * The connection with values that should work.
   *
   * @throws TendrilError CONNECTION_UNKNOWN
   * @throws TendrilError UPSTREAM_UNAUTHORIZED when it needs a new login
   */
  async fresh(tenantId: string, name: string): Promise<ConnectionRecord> {
    const { record } = await this.#options.store.get(tenantId, name);
    if (!this.#isStale(record)) return this.#usable(record);
    const key = `${tenantId}/${name}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const refreshing = this.#refreshOnce(tenantId, name);
    this.#running.set(key, refreshing);
    const done = (): void => {
      this.#running.delete(key);
    };
    refreshing.then(done, done);
    return refreshing;
  }

  /** Tells that the service refused this access token, so that the next `fresh` renews it. Nothing happens when it was renewed already. */
  async invalidate(tenantId: string, name: string, accessTokenSeen: string): Promise<void> {
    await this.#options.store.update(tenantId, name, (record) =>
      record.values['accessToken'] === accessTokenSeen && record.values['expiresAt'] !== 0
        ? { ...record, values: { ...record.values, expiresAt: 0 } }
        : record,
    );
  }

  #usable(record: ConnectionRecord): ConnectionRecord {
    if (record.state === 'needs_login') throw new TendrilError('UPSTREAM_UNAUTHORIZED', { connection: record.name });
    return record;
  }

  #isStale(record: ConnectionRecord): boolean {
    if (record.state === 'needs_login') return false;
    if (this.#options.describeKind(record.plugin, record.kind)?.oauth2 === undefined) return false;
    const { accessToken, expiresAt } = record.values;
    if (typeof accessToken !== 'string') return true;
    return typeof expiresAt === 'number' && expiresAt - EARLY_MS <= this.#options.clock.now();
  }

  async #refreshOnce(tenantId: string, name: string): Promise<ConnectionRecord> {
    const { store, clock, random, timers } = this.#options;
    const by = random.id();
    for (;;) {
      const found = await store.get(tenantId, name);
      if (!this.#isStale(found.record)) return this.#usable(found.record);
      const now = clock.now();
      if (found.record.refreshing !== undefined && found.record.refreshing.until > now) {
        await pause(timers, WAIT_MS);
        continue;
      }
      const claimed: ConnectionRecord = { ...found.record, refreshing: { by, until: now + REFRESH_LEASE_MS } };
      if (await store.put(tenantId, claimed, found.version))
        return this.#refresh(tenantId, { record: claimed, version: found.version + 1 });
    }
  }

  async #refresh(tenantId: string, claimed: VersionedConnection): Promise<ConnectionRecord> {
    const { refreshing: _, ...record } = claimed.record;
    const { name, plugin, kind, isSandbox, values } = record;
    try {
      const token = await this.#options.refresh({ tenantId, connection: name, plugin, kind, isSandbox, values });
      const { expiresAt: __, ...kept } = values;
      const next: ConnectionRecord = {
        ...record,
        state: 'working',
        values: {
          ...kept,
          accessToken: token.accessToken,
          ...(token.refreshToken === undefined ? {} : { refreshToken: token.refreshToken }),
          ...(token.expiresAt === undefined ? {} : { expiresAt: token.expiresAt }),
        },
      };
      // Somebody who connected it again in the meantime is newer than this refresh.
      if (await this.#options.store.put(tenantId, next, claimed.version)) return next;
      return this.#usable((await this.#options.store.get(tenantId, name)).record);
    } catch (error) {
      const isRefused = TendrilError.is(error) && error.code === 'UPSTREAM_UNAUTHORIZED';
      await this.#options.store.put(tenantId, isRefused ? { ...record, state: 'needs_login' } : record, claimed.version);
      this.#options.log.warn({ tenantId, connection: name, isRefused }, 'access token could not be refreshed');
      throw isRefused ? new TendrilError('UPSTREAM_UNAUTHORIZED', { connection: name }, { cause: error }) : error;
    }
  }
}
