import type { LoggedEvent } from '@tendril/plugin-api';

/** Bytes that all tails together may take, roughly. */
const DEFAULT_BUDGET_BYTES = 32 * 1_024 * 1_024;
/** What an event takes beside its payload, roughly. */
const OVERHEAD_BYTES = 400;

interface Entry {
  readonly tenantId: string;
  readonly position: number;
  readonly sizeBytes: number;
}

/**
 * The most recently seen events of all tenants, decoded. Consumers that keep up read from here, so that one event is
 * opened and parsed once and not once for each consumer. The log is immutable, so nothing here is ever stale.
 */
export class Tail {
  readonly #budgetBytes: number;
  readonly #events = new Map<string, Map<number, LoggedEvent>>();
  #order: Entry[] = [];
  #first = 0;
  #usedBytes = 0;

  constructor(budgetBytes = DEFAULT_BUDGET_BYTES) {
    this.#budgetBytes = budgetBytes;
  }

  add(tenantId: string, event: LoggedEvent, payloadCharacters: number): void {
    let events = this.#events.get(tenantId);
    if (events === undefined) {
      events = new Map();
      this.#events.set(tenantId, events);
    }
    if (events.has(event.position)) return;
    const sizeBytes = payloadCharacters * 2 + OVERHEAD_BYTES;
    events.set(event.position, event);
    this.#order.push({ tenantId, position: event.position, sizeBytes });
    this.#usedBytes += sizeBytes;
    while (this.#usedBytes > this.#budgetBytes) this.#dropOldest();
  }

  /** Events from `after` on without a gap; empty when the next one is not here. */
  read(tenantId: string, after: number, limit: number): readonly LoggedEvent[] {
    const found: LoggedEvent[] = [];
    const events = this.#events.get(tenantId);
    if (events === undefined) return found;
    for (let position = after + 1; found.length < limit; position += 1) {
      const event = events.get(position);
      if (event === undefined) break;
      found.push(event);
    }
    return found;
  }

  #dropOldest(): void {
    const oldest = this.#order[this.#first];
    if (oldest === undefined) return;
    this.#first += 1;
    this.#usedBytes -= oldest.sizeBytes;
    const events = this.#events.get(oldest.tenantId);
    events?.delete(oldest.position);
    if (events?.size === 0) this.#events.delete(oldest.tenantId);
    // Moved now and then instead of shifting each time, which would copy the whole array.
    if (this.#first * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#first);
      this.#first = 0;
    }
  }
}
