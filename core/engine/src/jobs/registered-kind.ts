import type { WorkRole } from '../ports.ts';
import type { JobHandler, KindOptions } from './contract.ts';

/** How many leases of a job may run out in a row, without any write, before it is given up. */
const MOST_DEATHS = 5;
/** A kind of which fewer run at once is no reason to leave wake-ups to others: its own end looks for more. */
const BULK = 8;

/** A kind of jobs, and how many of it are in the hands of this process. */
export class RegisteredKind {
  readonly name: string;
  readonly handler: JobHandler;
  readonly concurrency: number;
  readonly attempts: number;
  readonly role: WorkRole;
  readonly #onDeaths: JobHandler | undefined;
  running = 0;
  /** Due jobs were left where they are for want of room, or may have been. */
  isBehind = false;

  constructor(name: string, handler: JobHandler, options: KindOptions) {
    this.name = name;
    this.handler = handler;
    this.concurrency = options.concurrency;
    this.attempts = options.attempts;
    this.role = options.role ?? 'worker';
    this.#onDeaths = options.onDeaths;
  }

  get hasRoom(): boolean {
    return this.running < this.concurrency;
  }

  /** So much at once is done of it that its being full means that the process is. */
  get isBulk(): boolean {
    return this.concurrency >= BULK;
  }

  /** What to do with a job instead of handling it, when its processes have died again and again. */
  afterDeaths(deaths: number): JobHandler | 'bury' | undefined {
    if (deaths < MOST_DEATHS) return undefined;
    if (this.#onDeaths !== undefined) return this.#onDeaths;
    return this.attempts === Infinity ? undefined : 'bury';
  }
}
