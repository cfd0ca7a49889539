import type { Call } from '@tendril/plugin-api';
import type { EnrichmentSpendRow, Settings } from '../gen/manifest.gen.ts';

/** What may still be spent today, over all that one handler asks. */
export class EnrichmentBudget {
  readonly #day: string;
  readonly #expect: number | 'absent';
  readonly #limitCents: number;
  #spentCents: number;
  #isChanged = false;

  private constructor(day: string, expect: number | 'absent', spentCents: number, limitCents: number) {
    this.#day = day;
    this.#expect = expect;
    this.#spentCents = spentCents;
    this.#limitCents = limitCents;
  }

  static async load(call: Call<Settings>): Promise<EnrichmentBudget> {
    // Days of the tenant, as 2026-11-22.
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: call.tenant.timeZone, dateStyle: 'short' }).format(call.clock.now());
    const row = await call.table<EnrichmentSpendRow>('enrichment_spend').get(day);
    return new EnrichmentBudget(day, row?.version ?? 'absent', row?.value.cents ?? 0, call.settings.enrichment?.budgetCentsPerDay ?? 0);
  }

  has(cents: number): boolean {
    return cents <= 0 || this.#spentCents + cents <= this.#limitCents;
  }

  spend(cents: number): void {
    if (cents <= 0) return;
    this.#spentCents += cents;
    this.#isChanged = true;
  }

  /** Puts what was spent into the changeset. */
  write(call: Call<Settings>): void {
    if (this.#isChanged)
      call.changes.put('enrichment_spend', { day: this.#day, cents: this.#spentCents } satisfies EnrichmentSpendRow, this.#expect);
  }
}
