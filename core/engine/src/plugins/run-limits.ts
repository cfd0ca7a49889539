import { TendrilError } from '@tendril/plugin-api';
import type { PlainLimits } from './plain-json.ts';

/** What a handler answers. */
export const OUTPUT_LIMITS: PlainLimits = { mostBytes: 8_388_608, mostValues: 500_000 };
/** One row that it writes. */
export const ROW_LIMITS: PlainLimits = { mostBytes: 1_048_576, mostValues: 100_000 };
/** One value of `call.kv`. */
export const VALUE_LIMITS: PlainLimits = { mostBytes: 262_144, mostValues: 50_000 };
/** One event that it emits. */
export const EVENT_LIMITS: PlainLimits = { mostBytes: 262_144, mostValues: 20_000 };

const MOST = {
  /** Held in memory until they are committed together. */
  changes: 50_000,
  changeBytes: 33_554_432,
  events: 10_000,
  /** Those above a hundredth of it are counted and not written. */
  logLines: 100_000,
} as const;

/** What one handler run has gathered and not yet committed, held to what one may. */
export class RunLimits {
  readonly #origin: { readonly plugin: string; readonly handler: string };
  readonly #used = { changes: 0, changeBytes: 0, events: 0, logLines: 0 };

  constructor(origin: { readonly plugin: string; readonly handler: string }) {
    this.#origin = origin;
  }

  /** @throws TendrilError PLUGIN_LIMIT_EXCEEDED */
  use(what: keyof typeof MOST, amount = 1): number {
    this.#used[what] += amount;
    if (this.#used[what] > MOST[what]) throw new TendrilError('PLUGIN_LIMIT_EXCEEDED', { ...this.#origin, limit: what, most: MOST[what] });
    return this.#used[what];
  }

  /** What was gathered is committed. */
  flushed(): void {
    this.#used.changes = 0;
    this.#used.changeBytes = 0;
    this.#used.events = 0;
  }
}
