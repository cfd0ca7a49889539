import type { Clock, Json, KeyValue } from '@tendril/plugin-api';

interface Kept {
  readonly value?: Json;
  readonly owner?: string;
  readonly until: number;
}

/** `call.kv` in memory. */
export class FakeKeyValue implements KeyValue {
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: string): Promise<Json | undefined> {
    return this.#find(key)?.value;
  }

  async set(key: string, value: Json, ttlSeconds?: number): Promise<void> {
    this.#kept.set(key, { value: structuredClone(value), until: this.#until(ttlSeconds) });
  }

  async delete(key: string): Promise<void> {
    this.#kept.delete(key);
  }

  async claim(key: string, owner: string, windowSeconds: number): Promise<boolean> {
    const found = this.#find(key);
    if (found !== undefined) return found.owner === owner;
    this.#kept.set(key, { owner, until: this.#until(windowSeconds) });
    return true;
  }

  #find(key: string): Kept | undefined {
    const found = this.#kept.get(key);
    return found !== undefined && found.until > this.#clock.now() ? found : undefined;
  }

  #until(seconds: number | undefined): number {
    return seconds === undefined ? Infinity : this.#clock.now() + seconds * 1_000;
  }
}
