import type { IngestOutcome, Metric } from '../hub.ts';

type Count = IngestOutcome['status'] | 'overloaded';

/** What became of the calls of each tenant since the process started. */
export class IngestCounters {
  readonly #values = new Map<string, Map<Count, number>>();

  add(tenantId: string, what: Count, by: number): void {
    const counts = this.#values.get(tenantId) ?? new Map<Count, number>();
    this.#values.set(tenantId, counts);
    counts.set(what, (counts.get(what) ?? 0) + by);
  }

  count(tenantId: string, outcomes: readonly IngestOutcome[]): void {
    for (const { status } of outcomes) this.add(tenantId, status, 1);
  }

  metric(): Metric {
    const values = [...this.#values].flatMap(([tenant, counts]) =>
      [...counts].map(([outcome, value]) => ({ labels: { tenant, outcome }, value })),
    );
    return { name: 'tendril_ingest_calls_total', help: 'Calls of the tracking API by what became of them', kind: 'counter', values };
  }
}
