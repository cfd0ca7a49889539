import type { Metric } from '../hub.ts';

const BOUNDS_SECONDS = [0.005, 0.025, 0.1, 0.25, 1, 5, 30];

interface Series {
  readonly action: string;
  readonly outcome: string;
  count: number;
  sumSeconds: number;
  readonly buckets: number[];
}

/** Counts calls and their durations by action and outcome (`ok`, or the error's code). */
export class ActionMetrics {
  readonly #series = new Map<string, Map<string, Series>>();

  record(action: string, outcome: string, durationMs: number): void {
    const byOutcome = this.#series.get(action) ?? new Map<string, Series>();
    if (byOutcome.size === 0) this.#series.set(action, byOutcome);
    const series = byOutcome.get(outcome) ?? { action, outcome, count: 0, sumSeconds: 0, buckets: BOUNDS_SECONDS.map(() => 0) };
    if (series.count === 0) byOutcome.set(outcome, series);
    const seconds = durationMs / 1_000;
    series.count += 1;
    series.sumSeconds += seconds;
    const bucket = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
  }

  read(): readonly Metric[] {
    const all = [...this.#series.values()].flatMap((byOutcome) => [...byOutcome.values()]);
    return [
      {
        name: 'tendril_action_calls_total',
        help: 'Calls of actions by outcome.',
        kind: 'counter',
        values: all.map((series) => ({ labels: labelsOf(series), value: series.count })),
      },
      { name: 'tendril_action_seconds', help: 'Duration of calls of actions.', kind: 'histogram', values: all.flatMap(histogramValues) },
    ];
  }
}

function labelsOf({ action, outcome }: Series): Readonly<Record<string, string>> {
  return { action, outcome };
}

/** Cumulative buckets by `le`, then `_sum` and `_count` under the label `part`. */
function histogramValues(series: Series): Metric['values'] {
  const labels = labelsOf(series);
  let sum = 0;
  const buckets = series.buckets.map((count, index) => {
    sum += count;
    return { labels: { ...labels, le: String(BOUNDS_SECONDS[index]) }, value: sum };
  });
  return [
    ...buckets,
    { labels: { ...labels, le: '+Inf' }, value: series.count },
    { labels: { ...labels, part: 'sum' }, value: series.sumSeconds },
    { labels: { ...labels, part: 'count' }, value: series.count },
  ];
}
