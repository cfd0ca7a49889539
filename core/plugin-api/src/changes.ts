import type { EmittedEvent } from './event.ts';

/** A condition of a write: the version that was read, or `absent`. */
export type Expectation = number | 'absent';

/**
 * The changeset of the running handler: gathered in memory, committed by the host at once when the handler resolves,
 * together with the step's journal row or the consumer's cursor. Nothing is written when the handler throws.
 * When a condition no longer holds at commit, the host runs the handler again with fresh reads.
 */
export interface Changes {
  /** Writes a row whose key field is set. With `expect`, only if the stored version is still that one. */
  put(table: string, value: object, expect?: Expectation): void;
  delete(table: string, key: string, expect?: Expectation): void;
  /** Adds an event to the log once the changeset is committed. @throws TendrilError PERMISSION_DENIED when its name is not declared */
  emit(event: EmittedEvent): void;
  /** Commits what has been gathered so far, for handlers that work through much data. Consumers cannot: theirs commits with the cursor. */
  flush(): Promise<void>;
}
