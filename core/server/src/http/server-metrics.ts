import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metric } from '@tendril/engine';

/** The server's own figures, and the text of all. */
export interface ServerMetrics {
  /** @param route as declared, never the path as it came: paths hold ids */
  readonly observe: (route: string, method: string, status: number, durationMs: number) => void;
  readonly contentType: string;
  /** Prometheus' text, with the hub's figures behind the server's. */
  render(hub: readonly Metric[]): Promise<string>;
}

const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Makes the figures in a registry of their own, so that two servers in one process do not meet. */
export function createServerMetrics(): ServerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labelNames = ['route', 'method', 'status'] as const;
  const durations = new Histogram({
    name: 'tendril_http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer.',
    labelNames,
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
  const requests = new Counter({
    name: 'tendril_http_requests_total',
    help: 'Requests that were answered.',
    labelNames,
    registers: [registry],
  });

  return {
    contentType: registry.contentType,
    observe(route, method, status, durationMs) {
      const labels = { route, method, status: String(status) };
      durations.observe(labels, durationMs / 1_000);
      requests.inc(labels);
    },
    render: async (hub) => `${await registry.metrics()}\n${await renderHub(hub)}`,
  };
}

async function renderHub(metrics: readonly Metric[]): Promise<string> {
  const registry = new Registry();
  for (const metric of metrics) {
    // A histogram comes from the hub as its ready-made series, which the text form treats as plain values.
    const labelNames = [...new Set(metric.values.flatMap(({ labels }) => Object.keys(labels)))];
    const settings = { name: metric.name, help: metric.help, labelNames, registers: [registry] };
    if (metric.kind === 'counter') {
      const counter = new Counter(settings);
      for (const { labels, value } of metric.values) counter.inc(labels, value);
    } else {
      const gauge = new Gauge(settings);
      for (const { labels, value } of metric.values) gauge.set(labels, value);
    }
  }
  return registry.metrics();
}
