import { residentBytes } from './resident-memory.ts';
import type { Happening, Limits } from './options.ts';

/** Whom the watch looks at. */
export interface Watched {
  /** Missing where its memory is not watched from here. */
  readonly pid: number | undefined;
  readonly limits: Limits;
  /** Whether it has something to do. */
  isBusy(): boolean;
  /** Whether it has yet to end a handler that was given up. */
  isAborting(): boolean;
  ping(): void;
  kill(happening: Happening): void;
}

const MIB = 1024 * 1024;
const MEMORY_EVERY_MS = 100;
const PING_EVERY_MS = 500;
// An idle process is looked at now and then only.
const IDLE_EVERY = 10;
const PRINT_WINDOW_MS = 10_000;

/** Looks at one process from outside: whether it lives, how much memory it takes and how much it prints. */
export class ProcessWatch {
  readonly #watched: Watched;
  readonly #timers: readonly NodeJS.Timeout[];
  #isAlive = true;
  #silentTicks = 0;
  #ticks = 0;
  #isReadingMemory = false;
  #printedBytes = 0;
  #printWindowStart = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
    const timers = [setInterval(() => this.#tick(), PING_EVERY_MS)];
    if (watched.pid !== undefined) timers.push(setInterval(() => void this.#lookAtMemory(), MEMORY_EVERY_MS));
    for (const timer of timers) timer.unref();
    this.#timers = timers;
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** @param isAnswer whether it answered what it was asked for a sign of life, which code that never gives way does not */
  noteLife(isAnswer: boolean): void {
    if (isAnswer || !this.#watched.isAborting()) this.#isAlive = true;
  }

  notePrint(bytes: number): void {
    const now = performance.now();
    if (now - this.#printWindowStart > PRINT_WINDOW_MS) {
      this.#printWindowStart = now;
      this.#printedBytes = 0;
    }
    this.#printedBytes += bytes;
    if (this.#printedBytes > this.#watched.limits.printLimitBytes)
      this.#watched.kill({ kind: 'flooded', reason: 'it printed more than it may' });
  }

  /** Counts ticks, not time: a hub that was busy itself must not take the plugin for dead. */
  #tick(): void {
    this.#ticks += 1;
    const { limits } = this.#watched;
    if (!this.#watched.isBusy() && this.#isAlive && this.#ticks % IDLE_EVERY !== 0) return;
    this.#silentTicks = this.#isAlive ? 0 : this.#silentTicks + 1;
    this.#isAlive = false;
    const limitMs = this.#watched.isAborting() ? limits.abortLimitMs : limits.hangLimitMs;
    if (this.#silentTicks * PING_EVERY_MS >= limitMs) this.#watched.kill({ kind: 'hung', reason: 'it gave no sign of life' });
    else this.#watched.ping();
  }

  async #lookAtMemory(): Promise<void> {
    const { pid, limits } = this.#watched;
    if (pid === undefined || this.#isReadingMemory) return;
    if (!this.#watched.isBusy() && this.#ticks % IDLE_EVERY !== 0) return;
    this.#isReadingMemory = true;
    const bytes = await residentBytes(pid);
    this.#isReadingMemory = false;
    if (bytes !== undefined && bytes > limits.memoryLimitMiB * MIB)
      this.#watched.kill({ kind: 'out_of_memory', reason: 'it took more memory than it may' });
  }
}
