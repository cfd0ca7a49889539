import type { WakeUps, WorkRole } from '@tendril/engine/ports';

/** Processes of a test that wake each other, as Redis would let them. */
export interface MemoryWakeServer {
  /** The wake-ups of one process. */
  connect(roles?: readonly WorkRole[]): WakeUps;
  /** The server is gone, and what it held with it. */
  lose(): void;
  restore(): void;
}

const ROLES: readonly WorkRole[] = ['worker', 'scheduler'];

/** Timers as far as the fake needs them; the process's own unless a test hands in others. */
export interface WakeTime {
  now(): number;
  /** @returns how to cancel */
  after(delayMs: number, callback: () => void): () => void;
}

const SYSTEM: WakeTime = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A fake of the driver on Redis; passes the same suite. */
export function createMemoryWakeServer(time: WakeTime = SYSTEM): MemoryWakeServer {
  return new MemoryServer(time);
}

class MemoryServer implements MemoryWakeServer {
  readonly time: WakeTime;
  readonly #processes = new Set<MemoryWakeUps>();
  readonly #pending = new Map<WorkRole, number>();
  readonly #turns = new Map<WorkRole, number>();
  isThere = true;

  constructor(time: WakeTime) {
    this.time = time;
  }

  connect(roles: readonly WorkRole[] = ROLES): WakeUps {
    const connected = new MemoryWakeUps(this, roles);
    this.#processes.add(connected);
    return connected;
  }

  announce(from: MemoryWakeUps, tenantId: string, head: number): void {
    if (this.isThere) for (const process of this.#processes) if (process !== from) process.hear(tenantId, head);
  }

  leave(process: MemoryWakeUps): void {
    this.#processes.delete(process);
  }

  lose(): void {
    this.isThere = false;
    this.#pending.clear();
  }

  restore(): void {
    this.isThere = true;
    for (const process of this.#processes) process.wake();
  }

  /** One wake-up for all that is published before it is given out. */
  publish(dueAt: number): void {
    if (!this.isThere) return;
    for (const role of ROLES) {
      const before = this.#pending.get(role) ?? Infinity;
      if (before <= dueAt) continue;
      this.#pending.set(role, dueAt);
      this.#deliverAt(role, dueAt);
    }
  }

  #deliverAt(role: WorkRole, dueAt: number): void {
    this.time.after(Math.max(0, dueAt - this.time.now()), () => {
      if (this.#pending.get(role) !== dueAt) return;
      // Timers may go off a moment before the clock says so.
      if (this.time.now() < dueAt) this.#deliverAt(role, dueAt);
      else this.deliver(role);
    });
  }

  deliver(role: WorkRole): void {
    if (!this.isThere || (this.#pending.get(role) ?? Infinity) > this.time.now()) return;
    const willing = [...this.#processes].filter((process) => process.takes(role));
    const turn = (this.#turns.get(role) ?? 0) + 1;
    const chosen = willing[turn % willing.length];
    if (chosen === undefined) return;
    this.#turns.set(role, turn);
    this.#pending.delete(role);
    chosen.wake();
  }
}

class MemoryWakeUps implements WakeUps {
  readonly #server: MemoryServer;
  readonly #roles: readonly WorkRole[];
  readonly #listeners = new Set<() => void>();
  readonly #headListeners = new Set<(tenantId: string, head: number) => void>();
  #isReceiving = true;
  #isClosed = false;

  constructor(server: MemoryServer, roles: readonly WorkRole[]) {
    this.#server = server;
    this.#roles = roles;
  }

  publish(dueAt: number): void {
    if (!this.#isClosed) this.#server.publish(dueAt);
  }

  onWake(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setReceiving(isReceiving: boolean): void {
    this.#isReceiving = isReceiving;
    if (isReceiving) for (const role of this.#roles) this.#server.deliver(role);
  }

  announceHead(tenantId: string, head: number): void {
    if (!this.#isClosed) this.#server.announce(this, tenantId, head);
  }

  onHead(listener: (tenantId: string, head: number) => void): () => void {
    this.#headListeners.add(listener);
    return () => this.#headListeners.delete(listener);
  }

  isConnected(): boolean {
    return !this.#isClosed && this.#server.isThere;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#server.leave(this);
    return Promise.resolve();
  }

  takes(role: WorkRole): boolean {
    return this.#isReceiving && this.#listeners.size > 0 && this.#roles.includes(role);
  }

  hear(tenantId: string, head: number): void {
    for (const listener of this.#headListeners) listener(tenantId, head);
  }

  wake(): void {
    for (const listener of this.#listeners) listener();
  }
}
