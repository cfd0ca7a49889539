import type { JsonObject } from '@tendril/plugin-api';
import type { TenantState } from '../ports.ts';
import { LIMITS } from './tables.ts';

/** The limits of a tenant. */
export interface Limits {
  /** Messages a day over all channels and people. */
  readonly dailyCap: number;
  /** Messages a day to one person over all channels. */
  readonly dailyCapPerPerson: number;
  /** Money a day by currency, in its smallest unit; what is not named may not be spent. */
  readonly dailyBudgets: Readonly<Record<string, number>>;
}

const DEFAULTS: Limits = { dailyCap: 10_000, dailyCapPerPerson: 3, dailyBudgets: {} };

/** As configured, defaults for the rest, with the version for a conditional write. */
export async function readLimits(state: TenantState): Promise<{ readonly limits: Limits; readonly version: number }> {
  const [row] = await state.get(LIMITS, ['limits']);
  if (row === undefined) return { limits: DEFAULTS, version: 0 };
  const { id: _id, ...value } = row.value;
  return { limits: { ...DEFAULTS, ...(value as unknown as Partial<Limits>) }, version: row.version };
}

/** To the row that `readLimits` reads. */
export function fromLimits(limits: Limits): JsonObject {
  return { id: 'limits', dailyCap: limits.dailyCap, dailyCapPerPerson: limits.dailyCapPerPerson, dailyBudgets: limits.dailyBudgets };
}

/** Names of the counters of one day; test apps count apart, so that trying things out uses nothing up. */
export function counterNames(
  day: string,
  isTest: boolean,
): { readonly tenant: string; person(id: string): string; spend(currency: string): string } {
  const base = `governor/${isTest ? 'test/' : ''}${day}`;
  return { tenant: `${base}/sends`, person: (id) => `${base}/sends/${id}`, spend: (currency) => `${base}/spend/${currency}` };
}
