import type { LoggedEvent } from '@tendril/plugin-api';
import { decodeEvent, firstSince } from '../../events/index.ts';
import type { TenantLog } from '../../ports.ts';
import type { PipelineFault, RunInfo, RunState } from '../contract.ts';
import { judge } from '../starts/judge.ts';
import { assumedConnections } from './assumed-connections.ts';
import { asDeployed, readAsked, readProfile, realReads } from './ask-parts.ts';
import type { AskedPipeline, AskParts, Asked } from './ask-parts.ts';
import type { AskService, Rehearsal, RehearsedRun } from './contract.ts';
import type { Sight } from '../history/mask.ts';
import { toCall } from './simulation.ts';
import type { RecordedCall } from './simulated-actions.ts';
import { SimulationWorld } from './simulation-world.ts';
import { createWouldBeHeldBack } from './would-be-held-back.ts';

type Options = Parameters<AskService['rehearse']>[1];

const PAGE = 1_000;
const DEFAULT_RUNS_SHOWN = 100;
/** More than that would not fit into memory beside everything else. */
const MAX_RUNS = 50_000;
/** Calls and emitted events together. */
const MAX_CALLS = 100_000;
const CAVEATS = [
  'Profiles, consent and suppression are as they are today, not as they were then.',
  'Reads were asked today; other actions answered with examples of their manifests.',
];

/** Plays every run through that a part of the log would have started. */
export async function rehearse(
  parts: AskParts,
  asked: Asked,
  options: Options,
): Promise<{ readonly faults: readonly PipelineFault[] } | { readonly rehearsal: Rehearsal }> {
  const pipeline = await readAsked(parts, asked, options);
  if ('faults' in pipeline) return pipeline;
  const { log } = await parts.tenants.open(parts.tenantId);
  const to = parts.clock.now();
  const from = to - options.lastMs;
  const head = await log.head();
  const first = await firstSince({ log }, from, head);
  const rehearser = await Rehearser.create(parts, pipeline, from);
  await rehearser.follow(log, { first, head }, options);
  return {
    rehearsal: await rehearser.result({
      from,
      to,
      limit: options.limit ?? DEFAULT_RUNS_SHOWN,
      sight: { unmasked: options.unmasked === true },
    }),
  };
}

/** What of a rehearsal is shown. */
interface Shown {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly sight: Sight;
}

class Rehearser {
  readonly #parts: AskParts;
  readonly #pipeline: AskedPipeline;
  readonly #world: SimulationWorld;
  readonly #names: ReadonlySet<string>;
  readonly #people: Map<string, string>;
  readonly #starts = new Map<string, LoggedEvent>();
  readonly #notStarted = new Map<string, number>();
  #events = 0;
  #isCut = false;

  private constructor(parts: AskParts, pipeline: AskedPipeline, world: SimulationWorld, people: Map<string, string>) {
    this.#parts = parts;
    this.#pipeline = pipeline;
    this.#world = world;
    this.#people = people;
    const { trigger, awaitedEvents } = pipeline.checked.compiled;
    this.#names = new Set([...awaitedEvents, ...(trigger.event === undefined ? [] : [trigger.event])]);
  }

  static async create(parts: AskParts, pipeline: AskedPipeline, at: number): Promise<Rehearser> {
    const { tenant } = await parts.tenants.open(parts.tenantId);
    const people = new Map<string, string>();
    let now = (): number => at;
    const world = await SimulationWorld.create(
      {
        createStores: parts.createStores,
        tenant,
        at,
        connections: await assumedConnections([pipeline.checked.definition], (name) => parts.actions.find(parts.tenantId, name)),
        known: parts.actions,
        profileCapability: parts.profileCapability,
        profile: (id) => readProfile(parts, id),
        answer: realReads(parts),
        holdBack: createWouldBeHeldBack(parts, () => now()),
      },
      ({ identities }) => people.get(personKey(identities)),
    );
    now = () => world.time.now();
    await world.pipelines.deploy(pipeline.source);
    if (Object.keys(pipeline.settings).length > 0) await world.pipelines.configure(pipeline.id, pipeline.settings);
    return new Rehearser(parts, pipeline, world, people);
  }

  /** Lets what the log holds happen again, at its time. */
  async follow(log: TenantLog, range: { readonly first: number; readonly head: number }, options: Options): Promise<void> {
    const all = range.head - range.first + 1;
    for (let position = range.first - 1; position < range.head && !this.#isCut;) {
      options.signal?.throwIfAborted();
      const page = await log.read(position, Math.min(PAGE, range.head - position));
      if (page.length === 0) break;
      position = page.at(-1)?.position ?? range.head;
      await this.#take(page.map(decodeEvent).filter(({ name }) => this.#names.has(name)));
      options.onProgress?.(position - range.first + 1, all);
    }
  }

  async #take(events: readonly LoggedEvent[]): Promise<void> {
    const people = await this.#parts.resolvePeople(this.#parts.tenantId, events);
    for (const [index, event] of events.entries()) {
      const profileId = people[index];
      if (profileId !== undefined) this.#people.set(personKey(event.identities), profileId);
      await this.#world.runUntil(event.receivedAt);
      await this.#world.happen([profileId === undefined ? event : { ...event, profileId }]);
      if (event.name !== this.#pipeline.checked.compiled.trigger.event) continue;
      this.#events += 1;
      await this.#judge(event, profileId);
      this.#starts.set(event.id, event);
      if (this.#starts.size >= MAX_RUNS || this.#world.actions.calls.length + this.#world.emitted.length >= MAX_CALLS) {
        this.#isCut = true;
        return;
      }
    }
  }

  /** Counts why an event starts nothing, as far as event, profile and settings tell. */
  async #judge(event: LoggedEvent, profileId: string | undefined): Promise<void> {
    const { compiled } = this.#pipeline.checked;
    const profile = profileId === undefined || !compiled.readsProfile ? undefined : await readProfile(this.#parts, profileId);
    const { code, isStarted } = judge(event, asDeployed(this.#pipeline), profile, event.receivedAt);
    if (!isStarted) this.#notStarted.set(code, (this.#notStarted.get(code) ?? 0) + 1);
  }

  /** What came of it, once all that would still happen until today has happened. */
  async result({ from, to, limit, sight }: Shown): Promise<Rehearsal> {
    await this.#world.runUntil(to);
    const runs = await this.#allRuns();
    const { calls } = this.#world.actions;
    const callsByRun = Map.groupBy(calls, ({ runId }) => runId ?? '');
    const shown = runs.slice(0, limit).map((run) => this.#toRun(run, callsByRun.get(run.id) ?? [], sight));
    return {
      from,
      to,
      events: this.#events,
      matched: runs.length,
      notStarted: this.#reasons(runs.length),
      byState: countBy(runs, ({ state }) => state),
      actions: summarise(calls),
      runs: shown,
      caveats: [...CAVEATS, ...(this.#isCut ? ['The part of the log was too large: only its beginning was played.'] : [])],
    };
  }

  /** What neither started nor was judged away was refused by a limit, or gathered. */
  #reasons(started: number): Readonly<Record<string, number>> {
    const judged = [...this.#notStarted.values()].reduce((sum, count) => sum + count, 0);
    const limited = this.#events - started - judged;
    return { ...Object.fromEntries(this.#notStarted), ...(limited > 0 ? { limits: limited } : {}) };
  }

  async #allRuns(): Promise<readonly RunInfo[]> {
    const runs: RunInfo[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#world.runs.list({
        pipeline: this.#pipeline.id,
        limit: 1_000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      runs.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return runs.toReversed();
  }

  #toRun(run: RunInfo, calls: readonly RecordedCall[], sight: Sight): RehearsedRun {
    return {
      eventId: run.eventId ?? '',
      position: this.#starts.get(run.eventId ?? '')?.position ?? 0,
      at: run.startedAt,
      ...(run.personId === undefined ? {} : { personId: run.personId }),
      state: run.state,
      calls: calls.map((call) => toCall(call, sight)),
    };
  }
}

function personKey({ userId, anonymousId }: LoggedEvent['identities']): string {
  return JSON.stringify([userId, anonymousId]);
}

function countBy(runs: readonly RunInfo[], keyOf: (run: RunInfo) => RunState): Readonly<Partial<Record<RunState, number>>> {
  return Object.fromEntries([...Map.groupBy(runs, keyOf)].map(([state, group]) => [state, group.length]));
}

function summarise(calls: readonly RecordedCall[]): Rehearsal['actions'] {
  return [...Map.groupBy(calls, ({ action }) => action)].map(([action, group]) => {
    const cost = costOf(group);
    return {
      action,
      effect: group[0]?.effect ?? 'read',
      calls: group.length,
      people: new Set(group.map(({ personId, runId }) => personId ?? runId)).size,
      heldBack: group.filter(({ heldBack }) => heldBack !== undefined).length,
      ...(Object.keys(cost).length === 0 ? {} : { cost }),
    };
  });
}

/** Amounts by currency, of what was not held back. */
function costOf(calls: readonly RecordedCall[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { cost, heldBack } of calls)
    if (cost !== undefined && heldBack === undefined) sums[cost.currency] = (sums[cost.currency] ?? 0) + cost.amount;
  return sums;
}
