import { TendrilError } from '@tendril/plugin-api';
import type { Logger } from '@tendril/plugin-api';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';

const HEARTBEAT_EVERY_MS = 1_000;
/** A server that is cut off does not close its sockets: silence for so long counts as gone. */
const COMMAND_TIMEOUT_MS = 2_000;
const LONGEST_RETRY_MS = 2_000;

/** Connections to one server, and whether it answers. */
export class RedisLink {
  /** For commands that may fail: nothing queues up while the server is away. */
  readonly commands: Redis;
  readonly #url: string;
  readonly #log: Logger;
  readonly #others: Redis[] = [];
  readonly #onReturn: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #isAnswering = false;
  #isClosed = false;

  /**
   * @param onReturn called when the server answers for the first time, and each time it answers again
   * @throws TendrilError CONFIG_INVALID when the URL is no Redis URL
   */
  constructor(options: { readonly url: string; readonly log: Logger; readonly onReturn: () => void }) {
    checkUrl(options.url);
    this.#url = options.url;
    this.#log = options.log;
    this.#onReturn = options.onReturn;
    this.commands = this.#connect({ enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS, autoResendUnfulfilledCommands: false });
    this.commands.on('ready', () => void this.#beat());
    this.commands.on('close', () => {
      this.#lose();
    });
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_EVERY_MS);
    this.#heartbeat.unref();
  }

  get isConnected(): boolean {
    return this.#isAnswering;
  }

  /** One more connection, which waits for the server as long as it takes. */
  connectPatiently(): Redis {
    const connection = this.#connect({});
    this.#others.push(connection);
    return connection;
  }

  close(): void {
    this.#isClosed = true;
    this.#isAnswering = false;
    clearInterval(this.#heartbeat);
    for (const connection of [this.commands, ...this.#others]) connection.disconnect();
  }

  #connect(more: RedisOptions): Redis {
    const connection = new Redis(this.#url, {
      maxRetriesPerRequest: null,
      connectTimeout: COMMAND_TIMEOUT_MS,
      // Not all at once when a server comes back.
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), LONGEST_RETRY_MS) * (0.5 + Math.random() / 2),
      ...more,
    });
    // What it says is told once, by the heartbeat: an error here repeats with every attempt.
    connection.on('error', () => undefined);
    return connection;
  }

  async #beat(): Promise<void> {
    if (this.#isClosed || this.commands.status !== 'ready') return;
    try {
      await this.commands.ping();
      this.#find();
    } catch {
      if (!this.#lose()) return;
      for (const connection of [this.commands, ...this.#others]) connection.disconnect(true);
    }
  }

  #find(): void {
    if (this.#isAnswering || this.#isClosed) return;
    this.#isAnswering = true;
    this.#log.info({}, 'Redis answers: wake-ups go by it');
    this.#onReturn();
  }

  /** @returns whether it answered until now */
  #lose(): boolean {
    if (!this.#isAnswering || this.#isClosed) return false;
    this.#isAnswering = false;
    this.#log.warn({}, 'Redis does not answer: workers look for due work by themselves until it does');
    return true;
  }
}

function checkUrl(url: string): void {
  const isRedis = URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol);
  // The URL may hold a password: it is not told.
  if (!isRedis) throw new TendrilError('CONFIG_INVALID', { setting: 'REDIS_URL', expected: 'redis://host:port or rediss://host:port' });
}
