import type { Clock, LoggedEvent } from '@tendril/plugin-api';
import type { ActionPath } from '../actions/contract.ts';
import type { ConsumerDefinition } from '../events/index.ts';
import type { Change } from '../ports.ts';
import type { TenantOpener } from '../tenants/contract.ts';
import type { Deployed, Deployments } from './deployments.ts';
import type { FaultPoint } from './runs/fault-points.ts';
import { AppEnvironments } from './starts/app-environments.ts';
import { matchTriggers } from './starts/match-triggers.ts';
import { readProfiles } from './starts/profiles.ts';
import { startMatches } from './starts/start-batch.ts';
import type { StartCounts } from './starts/start-counts.ts';
import { indexTriggers } from './starts/trigger-index.ts';
import type { TriggerIndex } from './starts/trigger-index.ts';

export { PROFILE_CAPABILITY } from './starts/profiles.ts';

/** What matching triggers needs. */
export interface TriggerConsumerOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Pick<Deployments, 'byEvent' | 'list'>;
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly fault: FaultPoint;
  readonly counts: StartCounts;
  /** Finds the waits that events end; committed with the starts and the position. */
  readonly waits?: EventMatcher;
}

/** Another one that derives changes from the same events. */
export interface EventMatcher {
  /** Those that may concern it: cheap, asked before profiles are found. */
  select(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]>;
  match(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly Change[]>;
}

const BATCH_SIZE = 500;

/** Starts runs for events. */
export function createTriggerConsumer(options: TriggerConsumerOptions): ConsumerDefinition {
  const triggers = new Triggers(options);
  const { waits, fault } = options;
  return {
    id: '_pipelines.triggers',
    after: 'profiles.project',
    batchSize: BATCH_SIZE,
    // An event that cannot be matched for now is tried again by itself; later ones of the person need not wait for it.
    onFailure: 'skip',
    isEnabled: async () => true,
    // Before profiles are looked up: most events start nothing.
    select: async (tenantId, events) => {
      const [named, awaited = []] = await Promise.all([triggers.select(tenantId, events), waits?.select(tenantId, events)]);
      if (awaited.length === 0) return named;
      const wanted = new Set([...named, ...awaited]);
      return events.filter((event) => wanted.has(event));
    },
    handle: async (tenantId, events) => {
      const [starts, ends = []] = await Promise.all([triggers.start(tenantId, events), waits?.match(tenantId, events)]);
      fault('trigger.before-changes');
      return [...starts, ...ends];
    },
  };
}

interface Arranged {
  readonly byEvent: ReadonlyMap<string, readonly Deployed[]>;
  readonly index: TriggerIndex;
}

class Triggers {
  readonly #options: TriggerConsumerOptions;
  readonly #environments = new AppEnvironments();
  readonly #arranged = new Map<string, Arranged>();

  constructor(options: TriggerConsumerOptions) {
    this.#options = options;
  }

  async select(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]> {
    const byEvent = await this.#options.deployments.byEvent(tenantId);
    return byEvent.size === 0 ? [] : events.filter((event) => byEvent.has(event.name));
  }

  async start(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly Change[]> {
    const { tenants, clock, counts, actions } = this.#options;
    const index = await this.#index(tenantId);
    const named = events.filter((event) => index.has(event.name));
    if (named.length === 0) return [];
    const tenant = await tenants.open(tenantId);
    const now = clock.now();
    const matches = await matchTriggers(named, await this.#environments.of(tenant, named), {
      index,
      now,
      readProfiles: (ids, isTest) => readProfiles(actions, tenantId, ids, isTest),
      failed: (deployed, event, fault) => {
        counts.failed(tenantId, deployed, event, fault, now);
      },
    });
    return startMatches(matches, { tenant, now, counts });
  }

  /** Arranged anew when something was deployed. */
  async #index(tenantId: string): Promise<TriggerIndex> {
    const { deployments } = this.#options;
    const byEvent = await deployments.byEvent(tenantId);
    const known = this.#arranged.get(tenantId);
    if (known?.byEvent === byEvent) return known.index;
    const index = indexTriggers(byEvent, await deployments.list(tenantId));
    this.#arranged.set(tenantId, { byEvent, index });
    return index;
  }
}
