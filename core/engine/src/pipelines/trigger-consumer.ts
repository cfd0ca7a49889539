import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, LoggedEvent, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../actions/contract.ts';
import type { ConsumerDefinition } from '../events/index.ts';
import { MAX_HOPS } from '../events/index.ts';
import type { Metric } from '../hub.ts';
import type { Change } from '../ports.ts';
import type { TenantOpener } from '../tenants/contract.ts';
import type { Deployed, Deployments } from './deployments.ts';
import { EMPTY_SCOPE, EvaluationFault } from './expressions/expression.ts';
import type { Scope } from './expressions/expression.ts';
import type { FaultPoint } from './runs/fault-points.ts';
import { pinEvent, runIdOfEvent } from './runs/records.ts';
import type { RunRecord } from './runs/records.ts';
import { eventView, NO_PROFILE } from './runs/run-scope.ts';
import { startChanges } from './runs/start-run.ts';
import { RUNS } from './tables.ts';

/** What matching triggers needs. */
export interface TriggerConsumerOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fault: FaultPoint;
}

/** The capability that gives a profile by its id. */
export const PROFILE_CAPABILITY = 'people.get@1';
const BATCH_SIZE = 500;

/** Starts runs for events. `metrics` counts what it started and which conditions failed. */
export function createTriggerConsumer(options: TriggerConsumerOptions): {
  readonly definition: ConsumerDefinition;
  readonly metrics: () => readonly Metric[];
} {
  const { deployments, fault } = options;
  const counts = new TriggerCounts();
  const definition: ConsumerDefinition = {
    id: '_pipelines.triggers',
    after: 'profiles.project',
    batchSize: BATCH_SIZE,
    // An event that cannot be matched for now is tried again by itself; later ones of the person need not wait for it.
    onFailure: 'skip',
    isEnabled: async () => true,
    // Before profiles are looked up: most events start nothing.
    select: async (tenantId, events) => {
      const byEvent = await deployments.byEvent(tenantId);
      return byEvent.size === 0 ? [] : events.filter((event) => byEvent.has(event.name));
    },
    handle: async (tenantId, events) => {
      const byEvent = await deployments.byEvent(tenantId);
      const waitedFor = byEvent.size === 0 ? [] : events.filter((event) => byEvent.has(event.name));
      if (waitedFor.length === 0) return [];
      const batch = new TriggerBatch(tenantId, options, counts);
      const runs = (await Promise.all(waitedFor.map((event) => batch.match(event, byEvent.get(event.name) ?? [])))).flat();
      fault('trigger.before-changes');
      return batch.toChanges(runs);
    },
  };
  return { definition, metrics: () => counts.metrics() };
}

/** Matching of one batch; each profile is asked for once. */
class TriggerBatch {
  readonly #tenantId: string;
  readonly #options: TriggerConsumerOptions;
  readonly #counts: TriggerCounts;
  readonly #profiles = new Map<string, Promise<JsonObject>>();

  constructor(tenantId: string, options: TriggerConsumerOptions, counts: TriggerCounts) {
    this.#tenantId = tenantId;
    this.#options = options;
    this.#counts = counts;
  }

  async match(event: LoggedEvent, pipelines: readonly Deployed[]): Promise<readonly RunRecord[]> {
    const now = this.#options.clock.now();
    const candidates = pipelines.filter(({ compiled: { trigger } }) => {
      const isInTime = now - event.occurredAt <= trigger.maxAgeMs;
      // A chain of causes that has reached its end starts nothing: the run's own events could not be told.
      return isInTime && event.hops < MAX_HOPS && (!event.isImported || trigger.takesImported);
    });
    const runs = await Promise.all(candidates.map((pipeline) => this.#matchOne(event, pipeline)));
    return runs.filter((run) => run !== undefined);
  }

  async #matchOne(event: LoggedEvent, pipeline: Deployed): Promise<RunRecord | undefined> {
    const profile = pipeline.compiled.readsProfile ? await this.#profileOf(event) : undefined;
    return this.#isWanted(event, pipeline, profile) ? this.#newRun(event, pipeline, profile) : undefined;
  }

  #isWanted(event: LoggedEvent, { compiled, settings, record }: Deployed, profile: JsonObject | undefined): boolean {
    const { where } = compiled.trigger;
    if (where === undefined) return true;
    const scope: Scope = { ...EMPTY_SCOPE, event: eventView(pinEvent(event)), profile: profile ?? NO_PROFILE, settings };
    try {
      const value = where.evaluate(scope);
      if (typeof value === 'boolean') return value;
      throw new EvaluationFault(
        where.source,
        { message: 'The condition is neither true nor false.', start: 0, end: where.source.length },
        false,
      );
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      this.#counts.failed(this.#tenantId, record.id);
      this.#options.log.warn(
        {
          tenantId: this.#tenantId,
          pipeline: record.id,
          version: record.version,
          eventId: event.id,
          expression: error.expression,
          position: error.fault.start + 1,
          problem: error.fault.message,
        },
        'condition of a trigger failed; no run was started',
      );
      return false;
    }
  }

  #newRun(event: LoggedEvent, { compiled, record, settings }: Deployed, profile: JsonObject | undefined): RunRecord {
    return {
      id: runIdOfEvent(record.id, event),
      pipeline: record.id,
      version: record.version,
      state: 'running',
      startedAt: this.#options.clock.now(),
      eventId: event.id,
      isTest: event.isTest,
      settings,
      event: pinEvent(event),
      hops: event.hops,
      caller: { kind: 'pipeline', id: record.id },
      ...(event.profileId === undefined ? {} : { personId: event.profileId }),
      ...(profile === undefined || !compiled.readsProfile ? {} : { profile }),
      ...(event.requestId === undefined ? {} : { requestId: event.requestId }),
    };
  }

  #profileOf(event: LoggedEvent): Promise<JsonObject> {
    const id = event.profileId;
    if (id === undefined) return Promise.resolve(NO_PROFILE);
    const known = this.#profiles.get(id);
    if (known !== undefined) return known;
    const reading = this.#readProfile(id, event);
    this.#profiles.set(id, reading);
    return reading;
  }

  async #readProfile(id: string, event: LoggedEvent): Promise<JsonObject> {
    try {
      const { output } = await this.#options.actions.execute({
        tenantId: this.#tenantId,
        name: PROFILE_CAPABILITY,
        input: { id },
        idempotencyKey: 'read',
        attempt: 1,
        caller: { kind: 'hub' },
        isTest: event.isTest,
      });
      return { ...NO_PROFILE, ...(output as JsonObject) };
    } catch (error) {
      // Nobody keeps profiles, or this one is gone: the conditions see an empty one. Anything else is tried again.
      if (TendrilError.is(error) && (error.code === 'NOT_FOUND' || error.code === 'ACTION_UNKNOWN')) return { ...NO_PROFILE, id };
      throw error;
    }
  }

  /** Leaves out runs that exist: the event was delivered before. */
  async toChanges(runs: readonly RunRecord[]): Promise<readonly Change[]> {
    if (runs.length === 0) return [];
    const { state } = await this.#options.tenants.open(this.#tenantId);
    const uniqueRuns = [...new Map(runs.map((run) => [run.id, run])).values()];
    const existing = await state.get(
      RUNS,
      uniqueRuns.map(({ id }) => id),
    );
    const fresh = uniqueRuns.filter((_, index) => existing[index] === undefined);
    for (const run of fresh) this.#counts.started(this.#tenantId, run.pipeline);
    const now = this.#options.clock.now();
    return fresh.flatMap((run) => startChanges(run, now));
  }
}

class TriggerCounts {
  readonly #started = new Map<string, number>();
  readonly #failed = new Map<string, number>();

  started(tenantId: string, pipeline: string): void {
    count(this.#started, tenantId, pipeline);
  }

  failed(tenantId: string, pipeline: string): void {
    count(this.#failed, tenantId, pipeline);
  }

  metrics(): readonly Metric[] {
    return [
      { name: 'tendril_runs_started_total', help: 'Runs that triggers have started.', kind: 'counter', values: valuesOf(this.#started) },
      {
        name: 'tendril_trigger_condition_failures_total',
        help: 'Conditions of triggers that failed.',
        kind: 'counter',
        values: valuesOf(this.#failed),
      },
    ];
  }
}

function count(counts: Map<string, number>, tenantId: string, pipeline: string): void {
  const key = JSON.stringify([tenantId, pipeline]);
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function valuesOf(counts: ReadonlyMap<string, number>): Metric['values'] {
  return [...counts].map(([key, value]) => {
    const [tenant = '', pipeline = ''] = JSON.parse(key) as readonly string[];
    return { labels: { tenant, pipeline }, value };
  });
}
