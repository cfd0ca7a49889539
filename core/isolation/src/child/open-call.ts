import type { ChildHost } from './child-host.ts';

/** A call of this process for as long as it lasts, as its members use it. */
export interface OpenCall {
  /** What frames name it by. */
  readonly number: number;
  readonly handler: string;
  readonly host: ChildHost;
  /** Streams and tunnels that end with the call. */
  readonly closing: Set<(error: unknown) => void>;
  /** @throws TendrilError CALL_ENDED */
  assertAlive(): void;
  /** Asks the hub for a member of this call. */
  ask(member: string, input: readonly unknown[], signal?: AbortSignal): Promise<unknown>;
  /** Asks the hub and waits, for members that are not asynchronous. */
  askNow(member: string, input: readonly unknown[]): unknown;
}
