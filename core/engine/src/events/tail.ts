import type { LoggedEvent } from '@tendril/plugin-api';

/** Bytes that all tails together may take, roughly. */
const DEFAULT_BUDGET_BYTES = 16 * 1_024 * 1_024;
/** What an event takes beside its payload, roughly. */
const OVERHEAD_BYTES = 400;
/** Appended events of one tenant are kept in blocks of so many positions, and dropped by the block. */
const BLOCK = 256;

interface Block {
  readonly tenantId: string;
  readonly number: number;
  /** By position within the block. */
  readonly events: (LoggedEvent | undefined)[];
  sizeBytes: number;
}

/**
 * The most recently seen events of all tenants, decoded. Consumers that keep up read from here, so that one event is
 * opened and parsed once and not once for each consumer. The log is immutable, so nothing here is ever stale.
 */
export class Tail {
  readonly #budgetBytes: number;
  /** Oldest first; a map keeps the order in which blocks came. */
  readonly #blocks = new Map<string, Block>();
  #usedBytes = 0;
  /** Found before: most questions are about the block of the question before. */
  #last: Block | undefined;

  constructor(budgetBytes = DEFAULT_BUDGET_BYTES) {
    this.#budgetBytes = budgetBytes;
  }

  add(tenantId: string, event: LoggedEvent, payloadCharacters: number): void {
    const number = Math.floor(event.position / BLOCK);
    const block = this.#find(tenantId, number) ?? this.#create(tenantId, number);
    const place = event.position % BLOCK;
    if (block.events[place] !== undefined) return;
    block.events[place] = event;
    const sizeBytes = payloadCharacters * 2 + OVERHEAD_BYTES;
    block.sizeBytes += sizeBytes;
    this.#usedBytes += sizeBytes;
    if (this.#usedBytes > this.#budgetBytes) this.#dropOldest(block);
  }

  /** Events from `after` on without a gap; empty when the next one is not here. */
  read(tenantId: string, after: number, limit: number): readonly LoggedEvent[] {
    const found: LoggedEvent[] = [];
    let block: Block | undefined;
    for (let position = after + 1; found.length < limit; position += 1) {
      const number = Math.floor(position / BLOCK);
      if (block?.number !== number) block = this.#find(tenantId, number);
      const event = block?.events[position % BLOCK];
      if (event === undefined) break;
      found.push(event);
    }
    return found;
  }

  #find(tenantId: string, number: number): Block | undefined {
    if (this.#last?.number === number && this.#last.tenantId === tenantId) return this.#last;
    const block = this.#blocks.get(`${tenantId}/${number}`);
    if (block !== undefined) this.#last = block;
    return block;
  }

  #create(tenantId: string, number: number): Block {
    const block: Block = { tenantId, number, events: new Array<LoggedEvent | undefined>(BLOCK).fill(undefined), sizeBytes: 0 };
    this.#blocks.set(`${tenantId}/${number}`, block);
    this.#last = block;
    return block;
  }

  #dropOldest(current: Block): void {
    for (const [key, block] of this.#blocks) {
      if (this.#usedBytes <= this.#budgetBytes) return;
      if (block === current) continue;
      this.#blocks.delete(key);
      this.#usedBytes -= block.sizeBytes;
      if (this.#last === block) this.#last = undefined;
    }
  }
}
