import { TendrilError } from '@tendril/plugin-api';
import type { Claim } from '../ports.ts';
import type { Timers } from '../environment.ts';
import type { Lease } from './contract.ts';

/** Part of the lease after which this process no longer trusts it: clocks may run at slightly different speeds. */
const TRUSTED_RATIO = 0.95;

/** A claim in the hands of this process. It knows by its own clock when the lease must have run out. */
export class HeldJob implements Lease {
  readonly claim: Claim;
  readonly #timers: Timers;
  readonly #leaseMs: number;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<() => void>();
  #renewedAtMs: number;
  #isNudged = false;

  /** @param renewedAtMs monotonic time before the store was asked, so that the lease is never thought longer than it is */
  constructor(claim: Claim, options: { readonly timers: Timers; readonly leaseMs: number; readonly renewedAtMs: number }) {
    this.claim = claim;
    this.#timers = options.timers;
    this.#leaseMs = options.leaseMs;
    this.#renewedAtMs = options.renewedAtMs;
  }

  // A process that was frozen asks here before its timers have fired.
  get signal(): AbortSignal {
    if (this.#isExpired()) this.lose();
    return this.#abort.signal;
  }

  get key(): string {
    return `${this.claim.tenantId}/${this.claim.id}`;
  }

  get isAborted(): boolean {
    return this.signal.aborted;
  }

  /** Lost, as opposed to stopped by the hub: nothing may be written about the job any more. */
  get isLost(): boolean {
    return this.isAborted && TendrilError.is(this.#abort.signal.reason) && this.#abort.signal.reason.code === 'LEASE_LOST';
  }

  onNudge(listener: () => void): () => void {
    this.#listeners.add(listener);
    // What has changed before anybody listened is not lost.
    if (this.#isNudged) this.nudge();
    return () => this.#listeners.delete(listener);
  }

  nudge(): void {
    this.#isNudged = this.#listeners.size === 0;
    for (const listener of this.#listeners) listener();
  }

  #isExpired(): boolean {
    return this.#timers.monotonicMs() - this.#renewedAtMs >= this.#leaseMs * TRUSTED_RATIO;
  }

  renewed(atMs: number): void {
    this.#renewedAtMs = Math.max(this.#renewedAtMs, atMs);
  }

  lose(): void {
    this.#abort.abort(new TendrilError('LEASE_LOST', { jobId: this.claim.id }));
  }

  stop(): void {
    this.#abort.abort(new TendrilError('HUB_STOPPING'));
  }
}
