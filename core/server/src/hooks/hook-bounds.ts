import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';

/** How often something may happen in a minute, for each key apart; the minutes follow one another. */
export interface MinuteBound {
  /** @throws TendrilError REQUEST_THROTTLED when it has happened as often as it may */
  assertRoom(key: string): void;
  note(key: string): void;
}

const MINUTE_MS = 60_000;
/** Above so many keys in one minute the count begins anew: memory is bounded, whoever asks. */
const MOST_KEYS = 50_000;

/** @returns a bound that counts in this process */
export function createMinuteBound(perMinute: number, clock: Clock): MinuteBound {
  let minute = 0;
  const counts = new Map<string, number>();
  return {
    assertRoom(key) {
      const now = clock.now();
      if (Math.floor(now / MINUTE_MS) !== minute || counts.size > MOST_KEYS) {
        minute = Math.floor(now / MINUTE_MS);
        counts.clear();
      }
      if ((counts.get(key) ?? 0) < perMinute) return;
      throw new TendrilError('REQUEST_THROTTLED', { perMinute, retryAfterSeconds: Math.ceil(((minute + 1) * MINUTE_MS - now) / 1_000) });
    },
    note(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
  };
}
