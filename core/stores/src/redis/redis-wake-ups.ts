import type { Logger } from '@tendril/plugin-api';
import type { WakeUps, WorkRole } from '@tendril/engine/ports';
import { HeadChannel } from './head-channel.ts';
import { RedisLink } from './redis-link.ts';
import { WakeQueue } from './wake-queue.ts';

/** Where wake-ups go. */
export interface RedisWakeUpsOptions {
  /** `redis://[user:password@]host:port[/database]`, or `rediss://` for TLS. */
  readonly url: string;
  readonly log: Logger;
  /** Of all keys; installations that share a server need different ones. `tendril` unless told. */
  readonly prefix?: string;
  /** What kind of work this process is woken for, once somebody listens; all unless told. */
  readonly roles?: readonly WorkRole[];
}

const ROLES: readonly WorkRole[] = ['worker', 'scheduler'];
/** A server that is away must not hold up a stop. */
const CLOSE_WITHIN_MS = 2_000;

/**
 * Wake-ups by BullMQ on Redis. A wake-up says only that something is due: which work, by whom and in what order is for
 * the state store to decide, so that losing Redis loses nothing but time. Does not wait for the server.
 *
 * @throws TendrilError CONFIG_INVALID when the URL is no Redis URL
 */
export function createRedisWakeUps(options: RedisWakeUpsOptions): WakeUps {
  return new RedisWakeUps(options);
}

class RedisWakeUps implements WakeUps {
  readonly #link: RedisLink;
  readonly #heads: HeadChannel;
  readonly #queues: ReadonlyMap<WorkRole, WakeQueue>;
  readonly #roles: readonly WorkRole[];
  readonly #listeners = new Set<() => void>();
  #isListening = false;
  #isClosed = false;

  constructor({ url, log, prefix = 'tendril', roles = ROLES }: RedisWakeUpsOptions) {
    this.#roles = roles;
    this.#link = new RedisLink({
      url,
      log,
      onReturn: () => {
        // What became due while it was away has called nobody.
        this.#wake();
        this.publish(0);
      },
    });
    this.#heads = new HeadChannel(this.#link, prefix);
    this.#queues = new Map(ROLES.map((role) => [role, new WakeQueue({ role, link: this.#link, prefix })]));
  }

  publish(dueAt: number): void {
    if (this.#isClosed) return;
    for (const queue of this.#queues.values()) queue.publish(dueAt);
  }

  onWake(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#isListening) {
      this.#isListening = true;
      for (const role of this.#roles) {
        this.#queues.get(role)?.listen(() => {
          this.#wake();
        });
      }
    }
    return () => this.#listeners.delete(listener);
  }

  setReceiving(isReceiving: boolean): void {
    for (const queue of this.#queues.values()) queue.setReceiving(isReceiving);
  }

  announceHead(tenantId: string, head: number): void {
    if (!this.#isClosed) this.#heads.announce(tenantId, head);
  }

  onHead(listener: (tenantId: string, head: number) => void): () => void {
    return this.#heads.listen(listener);
  }

  isConnected(): boolean {
    return this.#link.isConnected;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.clear();
    this.#heads.close();
    const closed = Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, CLOSE_WITHIN_MS, undefined);
    await Promise.race([closed, promise]);
    clearTimeout(timer);
    this.#link.close();
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }
}
