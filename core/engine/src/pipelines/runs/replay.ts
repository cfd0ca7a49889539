import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Random } from '../../environment.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import type { ReplayOptions, ReplaySummary, RunFilter } from '../contract.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import { listRuns } from '../history/list-runs.ts';
import { newRun } from '../starts/new-run.ts';
import type { RunStart } from '../starts/new-run.ts';
import { JOURNAL } from '../tables.ts';
import { toDisk, withLargeValues } from './blobs.ts';
import { newRunId, withoutUndefined } from './records.ts';
import type { RunRecord } from './records.ts';
import { readRun } from './run-executor.ts';
import type { LoadedRun } from './run-executor.ts';
import type { RunListeners } from './run-listeners.ts';
import { startChanges } from './start-run.ts';
import { takenOver } from './taken-over.ts';

/** What doing runs again needs. */
export interface ReplayParts {
  readonly tenants: TenantOpener;
  readonly deployments: Pick<Deployments, 'chosen' | 'load'>;
  readonly listeners: RunListeners;
  readonly clock: Clock;
  readonly random: Random;
}

/** Doing runs again. */
export interface Replay {
  /** @throws TendrilError RUN_UNKNOWN, PIPELINE_UNKNOWN, INPUT_INVALID when the step cannot be gone on from */
  one(tenantId: string, runId: string, options: ReplayOptions): Promise<{ readonly runId: string }>;
  many(
    tenantId: string,
    filter: RunFilter,
    options: ReplayOptions & { readonly isDry: boolean; readonly limit?: number },
  ): Promise<ReplaySummary>;
}

const DEFAULT_LIMIT = 10_000;
const SHOWN_IDS = 1_000;

/** @returns how runs are done again, as new runs with effects of their own */
export function createReplay(parts: ReplayParts): Replay {
  const one: Replay['one'] = async (tenantId, runId, options) => {
    const tenant = await parts.tenants.open(tenantId);
    const { run, journal } = await prepare(parts, tenant, runId, options);
    const result = await tenant.state.commit([...startChanges(run, parts.clock.now()), ...journal]);
    if (!result.ok) throw new TendrilError('CONFLICT', { runId });
    parts.listeners.changed(tenantId, run);
    return { runId: run.id };
  };

  const many: Replay['many'] = async (tenantId, filter, { isDry, limit = DEFAULT_LIMIT, ...options }) => {
    const tenant = await parts.tenants.open(tenantId);
    const runIds: string[] = [];
    const refused: Record<string, number> = {};
    let [matched, started] = [0, 0];
    // Their ids are gathered first: the runs that are started here would be found among them.
    for (const id of await idsOf(tenant, filter, limit)) {
      matched += 1;
      try {
        if (isDry) await prepare(parts, tenant, id, options);
        else {
          const again = await one(tenantId, id, options);
          if (runIds.length < SHOWN_IDS) runIds.push(again.runId);
          started += 1;
        }
      } catch (error) {
        if (!TendrilError.is(error)) throw error;
        refused[error.code] = (refused[error.code] ?? 0) + 1;
      }
    }
    return { matched, started, refused, runIds };
  };

  return { one, many };
}

async function idsOf({ state }: OpenTenant, filter: RunFilter, limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listRuns(state, { ...filter, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined && ids.length < limit);
  return ids.slice(0, limit);
}

async function prepare(
  parts: ReplayParts,
  tenant: OpenTenant,
  runId: string,
  options: ReplayOptions,
): Promise<{ readonly run: RunRecord; readonly journal: readonly Change[] }> {
  const loaded = await readRun(tenant.state, runId);
  if (loaded === undefined) throw new TendrilError('RUN_UNKNOWN', { runId });
  const deployed = await versionOf(parts, tenant, loaded.record, options);
  const run = await again(parts, tenant, loaded, deployed);
  if (options.fromStep === undefined) return { run, journal: [] };
  if (deployed === undefined) throw new TendrilError('INPUT_INVALID', { pointer: '/fromStep', expected: 'a run of a pipeline' });
  // Under the new run's keys large values are written anew.
  const whole = { ...loaded, steps: await withLargeValues(tenant.state, loaded.steps) };
  const records = takenOver(whole, deployed.compiled, { runId: run.id, fromStep: options.fromStep });
  const journal = records.flatMap((record): readonly Change[] => {
    const { row, changes } = toDisk(record, undefined);
    return [{ op: 'put', table: JOURNAL, value: row, expect: 0 }, ...changes];
  });
  return { run, journal };
}

/** The version that is run; of a single call there is none. */
async function versionOf(
  { deployments }: ReplayParts,
  { tenant }: OpenTenant,
  record: RunRecord,
  { version = 'same' }: ReplayOptions,
): Promise<Deployed | undefined> {
  if (record.call !== undefined) return undefined;
  const { pipeline, environment = 'production' } = record;
  const current = await deployments.chosen(tenant.id, pipeline, environment);
  if (version === 'current') {
    if (current === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline, environment });
    return current;
  }
  const compiled = await deployments.load(tenant.id, pipeline, record.version);
  const inForce = current?.record ?? { id: pipeline, isPaused: false, holdsRuns: false, deployedAt: 0, history: [], settings: {} };
  return { record: { ...inForce, environment, version: record.version }, compiled, settings: record.settings };
}

async function again(
  { clock, random }: ReplayParts,
  { log }: OpenTenant,
  { record }: LoadedRun,
  deployed: Deployed | undefined,
): Promise<RunRecord> {
  const startedAt = clock.now();
  const id = newRunId(startedAt, random.id());
  if (deployed === undefined) {
    const { endedAt: _endedAt, error: _error, reason: _reason, output: _output, cancel: _cancel, blockedOn: _blockedOn, ...rest } = record;
    return { ...rest, id, startedAt, state: 'running', replayOf: record.id };
  }
  const { isTest, personId, eventId, event, events, profile, input, requestId, hops, environment } = record;
  return newRun(deployed, {
    id,
    startedAt,
    isTest,
    ...(withoutUndefined({ personId, eventId, event, events, profile, input, requestId, hops, environment }) as Partial<RunStart>),
    // Waits count from now: what came after the first run is no answer to this one.
    position: await log.head(),
    replayOf: record.id,
  });
}
