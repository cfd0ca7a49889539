import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { ConnectionInfo } from '../../hub.ts';
import type { Stores } from '../../ports.ts';
import type { Run, RunState } from '../contract.ts';
import { parseDuration } from '../duration.ts';
import { CaseAnswers } from './case-answers.ts';
import type { TestCase } from './case-file.ts';
import type { RecordedCall } from './simulated-actions.ts';
import { simulatedEvent, SimulationWorld } from './simulation-world.ts';
import type { SimulatedEvent } from './simulation-world.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What playing a case needs. */
export interface PlayOptions {
  /** Texts of all pipelines that are in force, the tested one first. They have been checked. */
  readonly sources: readonly string[];
  readonly pipeline: string;
  /** One of them starts runs by the clock, for ever. */
  readonly isEndless: boolean;
  readonly known: Pick<ActionPath, 'list' | 'find'>;
  readonly connections: readonly ConnectionInfo[];
  readonly profileCapability: string;
  readonly createStores: (clock: VirtualTime) => Stores;
}

/** What came of a case. */
export interface Played {
  readonly startedAt: number;
  /** Of the tested pipeline, in the order of their start. */
  readonly runs: readonly Run[];
  /** Of all pipelines. */
  readonly calls: readonly RecordedCall[];
  readonly emitted: readonly { readonly event: string; readonly properties: JsonObject }[];
}

const DEFAULT_AT = '2026-01-05T09:00:00Z';
const TENANT = 'simulation';
const DEFAULT_PERSON = 'person-1';
const WAITING: ReadonlySet<RunState> = new Set(['needs_review', 'needs_approval', 'blocked']);

/** Plays one case. @throws TendrilError when something that it lets happen cannot be */
export async function playCase(test: TestCase, options: PlayOptions): Promise<Played> {
  const player = await CasePlayer.create(test, options);
  await player.begin();
  for (const happening of test.then ?? []) await player.happen(happening);
  return player.end();
}

type Happening = NonNullable<TestCase['then']>[number];
type CaseEvent = NonNullable<TestCase['event']>;

class CasePlayer {
  readonly #test: TestCase;
  readonly #options: PlayOptions;
  readonly #world: SimulationWorld;
  readonly #startedAt: number;
  readonly #setProfile: (profile: JsonObject) => void;
  readonly #personId: () => string;
  #first: readonly SimulatedEvent[] = [];
  #events = 0;

  private constructor(parts: {
    readonly test: TestCase;
    readonly options: PlayOptions;
    readonly world: SimulationWorld;
    readonly startedAt: number;
    readonly setProfile: (profile: JsonObject) => void;
    readonly personId: () => string;
  }) {
    this.#test = parts.test;
    this.#options = parts.options;
    this.#world = parts.world;
    this.#startedAt = parts.startedAt;
    this.#setProfile = parts.setProfile;
    this.#personId = parts.personId;
  }

  static async create(test: TestCase, options: PlayOptions): Promise<CasePlayer> {
    const at = Date.parse(test.at ?? DEFAULT_AT);
    let profile = profileOf(test.profile);
    const personId = (): string => textOf(profile['id']);
    const answers = new CaseAnswers(test.actions);
    const { known, connections, profileCapability, createStores } = options;
    const world = await SimulationWorld.create(
      {
        createStores,
        tenant: { id: TENANT, timeZone: test.timeZone ?? 'UTC' },
        at,
        connections,
        known,
        profileCapability,
        profile: async (id) => (id === personId() ? profile : { id, traits: {}, identities: [] }),
        answer: answers.answer,
        holdBack: answers.holdBack,
      },
      personId,
    );
    const setProfile = (next: JsonObject): void => {
      profile = profileOf({ ...profile, ...next });
    };
    for (const source of options.sources) await world.pipelines.deploy(source);
    if (Object.keys(test.settings ?? {}).length > 0) await world.pipelines.configure(options.pipeline, test.settings as JsonObject);
    return new CasePlayer({ test, options, world, startedAt: at, setProfile, personId });
  }

  /** What starts it. */
  async begin(): Promise<void> {
    const events = [...(this.#test.event === undefined ? [] : [this.#test.event]), ...(this.#test.events ?? [])];
    this.#first = events.map((event) => this.#toEvent(event));
    await this.#start();
  }

  async #start(): Promise<void> {
    if (this.#first.length > 0) await this.#world.happen(this.#first);
    if (this.#test.input !== undefined) {
      const input = this.#test.input as JsonObject;
      const isAboutSomebody = this.#test.profile !== undefined;
      await this.#world.pipelines.start(this.#options.pipeline, {
        input,
        isTest: true,
        idempotencyKey: 'case',
        ...(isAboutSomebody ? { personId: this.#personId() } : {}),
      });
    }
    await this.#world.runUntil(this.#world.time.now());
  }

  async happen(happening: Happening): Promise<void> {
    const now = this.#world.time.now();
    await this.#world.runUntil(now + (happening.after === undefined ? 0 : (parseDuration(happening.after) ?? 0)));
    if (happening.profile !== undefined) this.#setProfile(happening.profile as JsonObject);
    if (happening.again === true) await this.#start();
    if (happening.event !== undefined) await this.#world.happen([this.#toEvent(happening.event)]);
    if (happening.approve !== undefined) await this.#decide(happening.approve, true);
    if (happening.reject !== undefined) await this.#decide(happening.reject, false);
    if (happening.cancel !== undefined) for (const run of await this.#openRuns()) await this.#world.runs.cancel(run, happening.cancel);
    await this.#world.runUntil(this.#world.time.now());
  }

  async #decide(said: NonNullable<Happening['approve']>, isApproved: boolean): Promise<void> {
    const { items } = await this.#world.runs.approvals();
    const waiting =
      said.step === undefined ? items : items.filter(({ path, id }) => path === said.step || id.endsWith(`/${said.step ?? ''}`));
    const byId = waiting.length > 0 ? waiting : await this.#approvalsOfStep(said.step);
    const [approval] = byId;
    if (approval === undefined)
      throw new TendrilError('NOT_FOUND', {
        what: 'a step that waits for approval',
        ...(said.step === undefined ? {} : { step: said.step }),
      });
    await this.#world.runs.decide(approval.id, {
      isApproved,
      by: said.by ?? 'somebody',
      ...(said.comment === undefined ? {} : { comment: said.comment }),
    });
  }

  async #approvalsOfStep(step: string | undefined): Promise<readonly { readonly id: string }[]> {
    const { items } = await this.#world.runs.approvals();
    const found = await Promise.all(
      items.map(async (approval) => {
        const run = await this.#world.runs.get(approval.runId);
        return run?.steps.some(({ id, path }) => id === step && path === approval.path) === true ? [approval] : [];
      }),
    );
    return found.flat();
  }

  async #openRuns(): Promise<readonly string[]> {
    const { items } = await this.#world.runs.list({ pipeline: this.#options.pipeline, limit: 1_000 });
    return items.filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id);
  }

  /** Lets the rest of the time pass. */
  async end(): Promise<Played> {
    const untilMs = parseDuration(this.#test.until ?? '') ?? LONG_MS;
    await this.#world.runUntil(this.#startedAt + untilMs, () => this.#isOver());
    const { items } = await this.#world.runs.list({ limit: 1_000, pipeline: this.#options.pipeline });
    const runs = await Promise.all(items.toReversed().map(({ id }) => this.#world.runs.get(id, { unmasked: true })));
    return {
      startedAt: this.#startedAt,
      runs: runs.filter((run) => run !== undefined),
      calls: this.#world.actions.calls,
      emitted: this.#world.emitted.map(({ name, properties }) => ({ event: name, properties })),
    };
  }

  /** Without a schedule it is over when nothing is due any more; with one, when what was started has ended or waits for somebody. */
  async #isOver(): Promise<boolean> {
    if (!this.#options.isEndless || this.#test.until !== undefined) return false;
    const { items } = await this.#world.runs.list({ limit: 1_000 });
    return items.length > 0 && items.every(({ endedAt, state }) => endedAt !== undefined || WAITING.has(state));
  }

  #toEvent(event: CaseEvent): SimulatedEvent {
    this.#events += 1;
    const { userId, anonymousId, groupId } = event;
    const identities = { ...(userId && { userId }), ...(anonymousId && { anonymousId }), ...(groupId && { groupId }) };
    const hasPerson = userId !== undefined || anonymousId !== undefined || event.person !== undefined || this.#test.profile !== undefined;
    return simulatedEvent({
      id: event.messageId ?? `event-${String(this.#events)}`,
      name: event.event,
      kind: event.kind ?? 'track',
      occurredAt: this.#world.time.now(),
      identities: Object.keys(identities).length > 0 || !hasPerson ? identities : { userId: this.#personId() },
      properties: (event.properties ?? {}) as JsonObject,
      traits: (event.traits ?? {}) as JsonObject,
      context: (event.context ?? {}) as JsonObject,
      ...(hasPerson ? { profileId: event.person ?? this.#personId() } : {}),
    });
  }
}

const LONG_MS = 3_660 * 86_400_000;

function profileOf(profile: Readonly<Record<string, unknown>> | undefined): JsonObject {
  return { id: DEFAULT_PERSON, traits: {}, identities: [], ...(profile as Readonly<Record<string, Json>> | undefined) };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
