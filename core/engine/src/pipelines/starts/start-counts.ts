import type { LoggedEvent, Logger } from '@tendril/plugin-api';
import type { Metric } from '../../hub.ts';
import type { Deployed } from '../deployments.ts';
import type { EvaluationFault } from '../../expressions/index.ts';
import type { RefusalCode } from './refusals.ts';

/** A condition that fails is told so often: each time would drown the log. */
const TELL_EVERY_MS = 60_000;
const KEPT_TOLD = 10_000;

/** Counts what triggers have come to in this process. */
export class StartCounts {
  readonly #log: Logger;
  readonly #started = new Map<string, number>();
  readonly #failed = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  readonly #toldAt = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  started(tenant: string, pipeline: string): void {
    count(this.#started, { tenant, pipeline });
  }

  refused(tenant: string, pipeline: string, code: RefusalCode): void {
    count(this.#refused, { tenant, pipeline, code });
  }

  failed(tenantId: string, { record }: Deployed, event: LoggedEvent, { expression, fault }: EvaluationFault, now: number): void {
    count(this.#failed, { tenant: tenantId, pipeline: record.id });
    const key = `${tenantId}/${record.id}@${String(record.version)}/${expression}`;
    if (now - (this.#toldAt.get(key) ?? -Infinity) < TELL_EVERY_MS) return;
    if (this.#toldAt.size >= KEPT_TOLD) this.#toldAt.clear();
    this.#toldAt.set(key, now);
    this.#log.warn(
      {
        tenantId,
        pipeline: record.id,
        version: record.version,
        eventId: event.id,
        expression,
        position: fault.start + 1,
        problem: fault.message,
      },
      'condition of a trigger failed; no run was started',
    );
  }

  metrics(): readonly Metric[] {
    const counters = [
      ['tendril_runs_started_total', 'Runs that triggers have started.', this.#started],
      ['tendril_trigger_condition_failures_total', 'Conditions of triggers that failed.', this.#failed],
      [
        'tendril_starts_refused_total',
        'Events that met a trigger and started no run of their own, by the reason; those that were gathered for one among them.',
        this.#refused,
      ],
    ] as const;
    return counters.map(([name, help, counts]) => ({ name, help, kind: 'counter', values: valuesOf(counts) }));
  }
}

function count(counts: Map<string, number>, labels: Readonly<Record<string, string>>): void {
  const key = JSON.stringify(labels);
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function valuesOf(counts: ReadonlyMap<string, number>): Metric['values'] {
  return [...counts].map(([key, value]) => ({ labels: JSON.parse(key) as Readonly<Record<string, string>>, value }));
}
