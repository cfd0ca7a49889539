import type { CreatedActionPath } from './actions/index.ts';
import type { Metric } from './hub.ts';
import type { Rooms } from './tenant-hub.ts';

/** Everything that is counted, of all rooms. */
export async function readMetrics(rooms: Rooms & { readonly actions: CreatedActionPath }): Promise<readonly Metric[]> {
  const { actions, consumers, counters, host, pipelines, stores } = rooms;
  const [heads, jobs] = await Promise.all([stores.log.heads(), stores.state.jobs.counts()]);
  const { waitingEvents, waitingBytes } = stores.log.status();
  return [
    counters.metric(),
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
    ...consumers.metrics(),
    ...actions.metrics(),
    ...pipelines.metrics(),
  ];
}

function gauge(name: string, help: string, values: Metric['values']): Metric {
  return { name, help, kind: 'gauge', values };
}
