import type { Clock } from '@tendril/plugin-api';
import { ask, numberOf } from '../work/step.ts';
import type { MysqlDatabase } from './mysql-database.ts';

const LOOK_AGAIN_MS = 30_000;

/**
 * The server's clock, which all processes have in common: leases that one gives end for all at the same moment, whatever
 * the clocks of their machines say. Asked for now and then; in between, the time that has passed here is added.
 */
export class ServerClock implements Clock {
  readonly #database: MysqlDatabase;
  #offsetMs = 0;
  #lookedAtMs = 0;

  private constructor(database: MysqlDatabase) {
    this.#database = database;
  }

  /** @throws TendrilError STORE_UNAVAILABLE when the server cannot be asked */
  static async open(database: MysqlDatabase): Promise<ServerClock> {
    const clock = new ServerClock(database);
    await clock.#look();
    return clock;
  }

  readonly now = (): number => {
    const passedMs = performance.now();
    if (passedMs - this.#lookedAtMs > LOOK_AGAIN_MS) {
      // One look at a time; one that fails is made up for by the next.
      this.#lookedAtMs = passedMs;
      void this.#look().catch(() => undefined);
    }
    return Math.round(this.#offsetMs + passedMs);
  };

  async #look(): Promise<void> {
    const beforeMs = performance.now();
    const [row] = await this.#database.read(ask('SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED) AS now'));
    const afterMs = performance.now();
    if (row === undefined) return;
    this.#offsetMs = numberOf(row, 'now') - (beforeMs + afterMs) / 2;
    this.#lookedAtMs = afterMs;
  }
}
