import type { RunFilter, RunInfo } from '../../api/types.ts';
import { toMs } from '../../ui/instant.ts';

/** Parts of an address that say which runs are meant. */
const FILTERS = ['pipeline', 'state', 'person', 'environment', 'from', 'to', 'broadcastId', 'parentId'] as const;

/** Reads which runs an address means. */
export function readRunFilter(query: URLSearchParams): RunFilter {
  const values = FILTERS.map((name): readonly [string, string] => [name, query.get(name)?.trim() ?? '']).filter(
    ([, value]) => value !== '',
  );
  return Object.fromEntries(values.map(([name, value]) => [name, name === 'from' || name === 'to' ? toIso(value) : value]));
}

/** How many conditions there are. */
export function countFilters(filter: RunFilter): number {
  return Object.keys(filter).length;
}

/** Whether a run that the stream brought is one of those meant. */
export function fits(run: RunInfo, filter: RunFilter): boolean {
  const startedMs = toMs(run.startedAt);
  return (
    (filter.state === undefined || run.state === filter.state) &&
    (filter.pipeline === undefined || run.pipeline === filter.pipeline) &&
    (filter.person === undefined || run.personId === filter.person) &&
    (filter.environment === undefined || (run.environment ?? 'production') === filter.environment) &&
    (filter.broadcastId === undefined || run.broadcastId === filter.broadcastId) &&
    (filter.parentId === undefined || run.parentId === filter.parentId) &&
    (filter.from === undefined || startedMs >= Date.parse(filter.from)) &&
    (filter.to === undefined || startedMs < Date.parse(filter.to))
  );
}

/** A moment as an input for date and time gives it, in the reader's time zone, as ISO 8601 in UTC. */
function toIso(typed: string): string {
  const atMs = Date.parse(typed);
  return Number.isNaN(atMs) ? '' : new Date(atMs).toISOString();
}
