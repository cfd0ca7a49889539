import type { RedisLink } from './redis-link.ts';

/** Appends within so long share one message. */
const GATHER_MS = 5;
/** More tenants than this at once find each other by looking. */
const MOST_TENANTS = 10_000;

/** How far logs have grown, told to all processes at once. What gets lost is found by those who look. */
export class HeadChannel {
  readonly #link: RedisLink;
  readonly #name: string;
  readonly #heads = new Map<string, number>();
  readonly #listeners = new Set<(tenantId: string, head: number) => void>();
  #timer: NodeJS.Timeout | undefined;
  #isSubscribed = false;

  constructor(link: RedisLink, prefix: string) {
    this.#link = link;
    this.#name = `${prefix}:heads`;
  }

  announce(tenantId: string, head: number): void {
    if (!this.#link.isConnected || this.#heads.size >= MOST_TENANTS) return;
    this.#heads.set(tenantId, Math.max(head, this.#heads.get(tenantId) ?? 0));
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const message = JSON.stringify([...this.#heads]);
      this.#heads.clear();
      this.#link.commands.publish(this.#name, message).catch(() => undefined);
    }, GATHER_MS).unref();
  }

  listen(listener: (tenantId: string, head: number) => void): () => void {
    this.#listeners.add(listener);
    this.#subscribe();
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #subscribe(): void {
    if (this.#isSubscribed) return;
    this.#isSubscribed = true;
    const connection = this.#link.connectPatiently();
    connection.on('message', (_, message) => {
      for (const [tenantId, head] of readHeads(message)) for (const listener of this.#listeners) listener(tenantId, head);
    });
    // It waits for the server, and is said again by the library after each loss.
    connection.subscribe(this.#name).catch(() => undefined);
  }
}

function readHeads(message: string): readonly (readonly [string, number])[] {
  try {
    const heads: unknown = JSON.parse(message);
    return Array.isArray(heads) ? heads.filter(isHead) : [];
  } catch {
    return [];
  }
}

function isHead(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number';
}
