import { TendrilError } from '@tendril/plugin-api';
import type { Invocation } from './open-call.ts';
import { PluginProcess } from './plugin-process.ts';
import type { ProcessOptions } from './plugin-process.ts';

// A plugin that cannot be started is not tried for each of many calls.
const START_AGAIN_MS = 1_000;

interface Waiting {
  readonly invocation: Invocation;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The process of one plugin and tenant, whichever is running: starts it for the first call, hands calls over as it has room,
 * stops it when nobody needs it, and starts a new one for the first call after a crash.
 */
export class TenantProcess {
  readonly #options: ProcessOptions;
  #process: PluginProcess | undefined;
  #waiting: Waiting[] = [];
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #startFailure: { readonly error: unknown; readonly untilMs: number } | undefined;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.isUsable === true ? this.#process.pid : undefined;
  }

  async call(invocation: Invocation): Promise<unknown> {
    clearTimeout(this.#idleTimer);
    const running = this.#process;
    if (running?.isReady === true && this.#waiting.length === 0 && this.#hasRoom(running)) return this.#handOver(running, invocation);
    if (this.#startFailure !== undefined && performance.now() < this.#startFailure.untilMs) throw this.#startFailure.error as Error;
    if (this.#waiting.length >= this.#options.limits.mostWaiting)
      throw new TendrilError('OVERLOADED', { plugin: this.#options.plugin, most: this.#options.limits.mostWaiting, isWithoutEffect: true });
    return this.#wait(invocation);
  }

  /** @returns whether the stop hooks went well */
  async stop(): Promise<boolean> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    this.#failWaiting(
      () => new TendrilError('PLUGIN_CRASHED', { plugin: this.#options.plugin, reason: 'its process was stopped', isWithoutEffect: true }),
    );
    return (await this.#process?.stop()) ?? true;
  }

  killNow(): void {
    this.#isClosed = true;
    this.#process?.killNow();
  }

  #wait(invocation: Invocation): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { signal } = invocation.call;
    const waiting: Waiting = {
      invocation,
      resolve: (value) => {
        signal.removeEventListener('abort', giveUp);
        resolve(value);
      },
      reject,
    };
    const giveUp = (): void => {
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push(waiting);
    this.#dispatch();
    return promise;
  }

  #hasRoom(process: PluginProcess): boolean {
    return process.openCalls < this.#options.limits.mostCalls && process.isKeepingUp;
  }

  #dispatch(): void {
    if (this.#waiting.length === 0 || this.#isClosed) return;
    const process = this.#running();
    if (process === undefined || !process.isReady) return;
    while (this.#waiting.length > 0 && this.#hasRoom(process)) {
      const next = this.#waiting.shift();
      next?.resolve(this.#handOver(process, next.invocation));
    }
    if (this.#waiting.length > 0 && !process.isKeepingUp) process.onDrain(() => this.#dispatch());
  }

  async #handOver(process: PluginProcess, invocation: Invocation): Promise<unknown> {
    try {
      return await process.invoke(invocation);
    } finally {
      this.#dispatch();
      this.#planIdle();
    }
  }

  /** The process that takes calls; `undefined` when it could not be started, which those who wait are told. */
  #running(): PluginProcess | undefined {
    if (this.#process?.isUsable === true) return this.#process;
    try {
      const process = new PluginProcess(this.#options);
      this.#process = process;
      process.ready.then(
        () => this.#dispatch(),
        (error: unknown) => {
          this.#startFailure = { error, untilMs: performance.now() + START_AGAIN_MS };
          this.#failWaiting(() => error);
        },
      );
      void process.ended.then(() => {
        if (this.#process === process) this.#process = undefined;
        this.#dispatch();
      });
      return process;
    } catch (error) {
      this.#failWaiting(() => error);
      return undefined;
    }
  }

  #failWaiting(error: () => unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each.reject(error());
  }

  #planIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#isClosed) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#process?.openCalls === 0 && this.#waiting.length === 0) void this.#process.stop();
    }, this.#options.limits.idleMs);
    this.#idleTimer.unref();
  }
}
