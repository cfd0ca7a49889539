import { TendrilError } from '@tendril/plugin-api';

/** What one request holds of a budget. */
export interface HeldBytes {
  /** @throws TendrilError OVERLOADED when all requests together would hold more than the budget */
  readonly add: (count: number) => void;
  /** Gives back everything; safe to call twice. */
  readonly release: () => void;
}

/** A bound on what all requests together may hold in memory, counted as it arrives: a slow sender holds what it sent, not what it promised. */
export function createByteBudget(limitBytes: number): () => HeldBytes {
  let totalBytes = 0;
  return () => {
    let heldBytes = 0;
    return {
      add(count) {
        if (totalBytes + count > limitBytes) throw new TendrilError('OVERLOADED', { limitBytes, retryAfterSeconds: 1 });
        totalBytes += count;
        heldBytes += count;
      },
      release() {
        totalBytes -= heldBytes;
        heldBytes = 0;
      },
    };
  };
}
