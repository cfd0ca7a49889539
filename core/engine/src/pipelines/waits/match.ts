import type { Clock, LoggedEvent, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Metric } from '../../hub.ts';
import type { Change, TenantState } from '../../ports.ts';
import { queryAll } from '../../tenants/index.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import { required } from '../../expressions/index.ts';
import type { Expression } from '../../expressions/index.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import { jobIdOf, pinEvent } from '../runs/records.ts';
import { unbindScope } from './bound-scope.ts';
import { isWanted } from './condition.ts';
import { canEnd } from './look-back.ts';
import { keysOfEvent, profileKeys } from './person-keys.ts';
import { WAITS } from './tables.ts';
import { putWait, withArrival } from './wait-record.ts';
import type { WaitRecord } from './wait-record.ts';

/** What finding waits needs. */
export interface WaitMatcherOptions {
  readonly tenants: TenantOpener;
  /** Names that steps of any version wait for. */
  readonly awaitedEvents: (tenantId: string) => Promise<ReadonlySet<string>>;
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fault: FaultPoint;
}

/** Finds the waits that events end. */
export interface WaitMatcher {
  /** Those of the events that may end a wait: cheap, to be asked before people are looked up. */
  select(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]>;
  /** What the events come to; to be committed with the position of whoever follows the log. They are in its order. */
  match(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly Change[]>;
  metrics(): readonly Metric[];
}

interface OpenWait {
  readonly record: WaitRecord;
  readonly version: number;
}

const KEPT_CONDITIONS = 2_000;

/** @returns a matcher for all tenants */
export function createWaitMatcher(options: WaitMatcherOptions): WaitMatcher {
  const conditions = new Conditions();
  const counts = { ended: 0, failed: 0 };
  const select: WaitMatcher['select'] = async (tenantId, events) => {
    const names = await options.awaitedEvents(tenantId);
    return names.size === 0 ? [] : events.filter(({ name, isImported }) => !isImported && names.has(name));
  };
  return {
    select,
    match: async (tenantId, events) => {
      const awaited = await select(tenantId, events);
      if (awaited.length === 0) return [];
      const { state } = await options.tenants.open(tenantId);
      const batch = new WaitBatch(tenantId, state, options, conditions, counts);
      const changes = await batch.match(awaited);
      if (changes.length > 0) options.fault('wait.before-arrival');
      return changes;
    },
    metrics: () => [
      {
        name: 'tendril_waits_ended_total',
        help: 'Waits that an event ended.',
        kind: 'counter',
        values: [{ labels: {}, value: counts.ended }],
      },
      {
        name: 'tendril_wait_condition_failures_total',
        help: 'Conditions of waits that failed for an event.',
        kind: 'counter',
        values: [{ labels: {}, value: counts.failed }],
      },
    ],
  };
}

/** One batch of events: each person is looked for once under each name. */
class WaitBatch {
  readonly #tenantId: string;
  readonly #state: TenantState;
  readonly #options: WaitMatcherOptions;
  readonly #conditions: Conditions;
  readonly #counts: { ended: number; failed: number };
  readonly #waits = new Map<string, Promise<readonly OpenWait[]>>();
  readonly #people = new Map<string, Promise<readonly string[]>>();
  readonly #taken = new Set<string>();

  constructor(
    tenantId: string,
    state: TenantState,
    options: WaitMatcherOptions,
    conditions: Conditions,
    counts: { ended: number; failed: number },
  ) {
    this.#tenantId = tenantId;
    this.#state = state;
    this.#options = options;
    this.#conditions = conditions;
    this.#counts = counts;
  }

  async match(events: readonly LoggedEvent[]): Promise<readonly Change[]> {
    const names = [...new Set(events.map(({ name }) => name))];
    const open = new Set((await Promise.all(names.map((name) => this.#isOpen(name)))).filter((name) => name !== undefined));
    const concerned = events.filter(({ name }) => open.has(name));
    const waits = await Promise.all(concerned.map((event) => this.#waitsFor(event)));
    // One after another, in the order of the log: only the first event that is wanted counts.
    return concerned.flatMap((event, index) => (waits[index] ?? []).flatMap((wait) => this.#arrive(event, wait)));
  }

  async #isOpen(name: string): Promise<string | undefined> {
    const { items } = await this.#state.query(WAITS, { index: 'by_person', equals: { awaits: name }, limit: 1 });
    return items.length === 0 ? undefined : name;
  }

  async #waitsFor(event: LoggedEvent): Promise<readonly OpenWait[]> {
    const keys = new Set([...keysOfEvent(event), ...(await this.#keysOfPerson(event))]);
    const found = await Promise.all([...keys].map((key) => this.#waitsOf(event.name, key)));
    return [...new Map(found.flat().map((wait) => [wait.record.key, wait])).values()];
  }

  /** Of people who were merged the wait may be filed under one, and the event come from another. */
  #keysOfPerson({ profileId, isTest }: LoggedEvent): Promise<readonly string[]> {
    if (profileId === undefined) return Promise.resolve([]);
    return once(this.#people, profileId, async () => {
      const known = await profileKeys(this.#tenantId, profileId, isTest, this.#options.actions);
      return known?.identities ?? [];
    });
  }

  #waitsOf(name: string, person: string): Promise<readonly OpenWait[]> {
    return once(this.#waits, JSON.stringify([name, person]), async () => {
      const rows = await queryAll(this.#state, WAITS, { index: 'by_person', equals: { awaits: name, people: person } });
      return rows.map(({ value, version }) => ({ record: value as unknown as WaitRecord, version }));
    });
  }

  #arrive(event: LoggedEvent, { record, version }: OpenWait): readonly Change[] {
    const { key, awaits = '', isTest, since, until } = record;
    if (this.#taken.has(key) || !canEnd({ event: awaits, isTest, after: since, until }, event)) return [];
    const pinned = pinEvent(event);
    const { where, scope = {} } = record;
    const isMatch = isWanted(
      () => (where === undefined ? undefined : this.#conditions.find(where)),
      pinned,
      (arrived) => unbindScope(scope, arrived),
      (fault) => {
        this.#counts.failed += 1;
        const { runId, pipeline, path } = record;
        const { message: problem, start } = fault.fault;
        const fields = { tenantId: this.#tenantId, runId, pipeline, path, eventId: event.id, position: start + 1, problem };
        this.#options.log.warn(fields, 'condition of a wait failed; it goes on waiting');
      },
    );
    if (!isMatch) return [];
    this.#taken.add(key);
    this.#counts.ended += 1;
    return [
      putWait(withArrival(record, { event: pinned, position: event.position }), version),
      { op: 'wake', jobId: jobIdOf(record.runId), dueAt: this.#options.clock.now() },
    ];
  }
}

/** Compiled conditions, as many as are used at a time. */
class Conditions {
  readonly #compiled = new Map<string, Expression>();

  find(source: string): Expression {
    const known = this.#compiled.get(source);
    if (known !== undefined) return known;
    const fresh = required(source);
    const oldest = this.#compiled.keys().next();
    if (this.#compiled.size >= KEPT_CONDITIONS && oldest.done !== true) this.#compiled.delete(oldest.value);
    this.#compiled.set(source, fresh);
    return fresh;
  }
}

function once<Key, Value>(known: Map<Key, Promise<Value>>, key: Key, find: () => Promise<Value>): Promise<Value> {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}
