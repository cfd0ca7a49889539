import type { Settings } from '../gen/manifest.gen.ts';

/** Amounts of good outcomes, added up. */
export interface ValueTotals {
  readonly count: number;
  readonly sum: number;
}

const MOST_CENTS = 9e15;

/** What a conversion is worth, in hundredths: what the person told, the mean of good outcomes, the fixed amount. */
export function valueCentsOf(own: number | undefined, totals: ValueTotals | undefined, { value }: Settings): number | undefined {
  if (value === undefined) return undefined;
  if (own !== undefined) return own;
  if (value.outcomeProperty !== undefined && totals !== undefined && totals.count > 0) return Math.round(totals.sum / totals.count);
  return value.cents;
}

/** An amount of the main unit in hundredths; `undefined` for what is none. */
export function centsOf(source: Readonly<Record<string, unknown>>, name: string | undefined): number | undefined {
  const amount = name !== undefined && Object.hasOwn(source, name) ? source[name] : undefined;
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0 || amount * 100 > MOST_CENTS) return undefined;
  return Math.round(amount * 100);
}
