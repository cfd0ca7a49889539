import type { CreatedActionPath } from './actions/index.ts';
import type { Metric } from './hub.ts';
import type { Rooms } from './tenant-hub.ts';

/** Everything that is counted, of all rooms. */
export async function readMetrics(rooms: Rooms & { readonly actions: CreatedActionPath }): Promise<readonly Metric[]> {
  const { actions, analytics, consumers, counters, host, locks, pipelines, stores, wakeUps, worker } = rooms;
  const [heads, jobs] = await Promise.all([stores.log.heads(), stores.state.jobs.counts()]);
  const { waitingEvents, waitingBytes } = stores.log.status();
  return [
    counters.metric(),
    ...analytics.metrics(),
    gauge(
      'tendril_log_head',
      "Last position of each tenant's log",
      [...heads].map(([tenant, value]) => ({ labels: { tenant }, value })),
    ),
    gauge('tendril_log_waiting_events', 'Events that wait for the writer of the log', [{ labels: {}, value: waitingEvents }]),
    gauge('tendril_log_waiting_bytes', 'Bytes that wait for the writer of the log', [{ labels: {}, value: waitingBytes }]),
    gauge('tendril_state_waiting_commits', 'Changesets that wait for the writer of the state', [
      { labels: {}, value: stores.state.status().waitingCommits },
    ]),
    gauge(
      'tendril_jobs',
      'Jobs by tenant, kind and state',
      jobs.map(({ tenantId, kind, state, count }) => ({ labels: { tenant: tenantId, kind, state }, value: count })),
    ),
    gauge('tendril_plugin_faults', 'Faults of installed plugins', [{ labels: {}, value: host.catalogue.faults().length }]),
    gauge(
      'tendril_worker_running',
      'Jobs in the hands of this process, by kind',
      worker.load().map(({ kind, running }) => ({ labels: { kind }, value: running })),
    ),
    gauge(
      'tendril_worker_concurrency',
      'Jobs that this process may have in hand at once, by kind',
      worker.load().map(({ kind, concurrency }) => ({ labels: { kind }, value: concurrency })),
    ),
    gauge('tendril_lock_differences', "Plugins that differ from the installation's: while there are any, no work is taken", [
      { labels: {}, value: locks.differences().length },
    ]),
    ...(wakeUps === undefined
      ? []
      : [
          gauge('tendril_wake_ups_connected', 'Whether the server of wake-ups answers', [
            { labels: {}, value: wakeUps.isConnected() ? 1 : 0 },
          ]),
        ]),
    ...consumers.metrics(),
    ...actions.metrics(),
    ...pipelines.metrics(),
  ];
}

function gauge(name: string, help: string, values: Metric['values']): Metric {
  return { name, help, kind: 'gauge', values };
}
