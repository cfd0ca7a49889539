import type { LoggedEvent, Logger, PersonLink } from '@tendril/plugin-api';
import { TendrilError } from '@tendril/plugin-api';
import { backoffMs } from '../backoff.ts';
import type { Random, Timers } from '../environment.ts';
import { decodeEvent } from '../events/index.ts';
import type { Feed, ResolvePeople } from '../events/index.ts';
import type { Metric } from '../hub.ts';
import type { PluginHost } from '../plugins/index.ts';
import type { OpenTenant, TenantOpener } from '../tenants/index.ts';
import { linkOf, projectEvent } from './project-event.ts';
import type { DeclaredProperties } from './project-event.ts';
import { Turns } from './turns.ts';

/** What the room needs. */
export interface AnalyticsOptions {
  readonly tenants: TenantOpener;
  readonly feed: Pick<Feed, 'onHead' | 'atHand'>;
  readonly host: Pick<PluginHost, 'runDriver' | 'hasDriver'>;
  /** How far a follower that comes after a consumer may read. */
  readonly limit: (tenantId: string, after: string) => Promise<number>;
  /** Whom events are about now. */
  readonly resolvePeople: ResolvePeople;
  /** Whom events are about, or were when another follower asked lately. */
  readonly recallPeople: ResolvePeople;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
}

/** Columnar copies of the tenants' logs, one for each process that has the role. */
export interface AnalyticsRoom {
  /** Whether this process has the role; everything is possible before `start`. */
  isOwner(): boolean;
  /** Follows the logs of all tenants, where the process has the role. */
  start(isOwner: boolean): Promise<void>;
  /** Waits for the batches in hand. */
  stop(): Promise<void>;
  rebuild(tenantId: string): Promise<void>;
  /** Looks whether there is something to follow: call it after a plugin was enabled. */
  look(tenantId: string): void;
  metrics(): readonly Metric[];
}

const BATCH = 5_000;
/** Events that come within so long go in together: a commit of the copy costs as much for one as for a thousand. */
const GATHER_MS = 1_000;
/** Tenants whose copies are written at once. */
const AT_ONCE = 2;
const PEOPLE_AT_ONCE = 1_000;
const RETRY = { initialMs: 1_000, maxMs: 60_000 };
/** Consumer behind which it stays, so that each event has its person. */
const AFTER = 'profiles.project';

/** @returns a room that follows nothing before `start` */
export function createAnalytics(options: AnalyticsOptions): AnalyticsRoom {
  return new Analytics(options);
}

/**
 * Follows the log of each tenant with no cursor but the copy's own position: what a copy lacks, because it was lost, emptied, put back from
 * a backup or is new in this process, is read from the log.
 */
class Analytics implements AnalyticsRoom {
  readonly #options: AnalyticsOptions;
  readonly #turns = new Turns(AT_ONCE);
  readonly #following = new Map<string, Promise<void>>();
  readonly #asked = new Set<string>();
  readonly #positions = new Map<string, number>();
  readonly #cancels = new Map<string, () => void>();
  readonly #stopping = new AbortController();
  #state: 'made' | 'following' | 'elsewhere' = 'made';
  #stopListening: () => void = () => undefined;

  constructor(options: AnalyticsOptions) {
    this.#options = options;
  }

  isOwner(): boolean {
    return this.#state !== 'elsewhere';
  }

  async start(isOwner: boolean): Promise<void> {
    this.#state = isOwner ? 'following' : 'elsewhere';
    if (!isOwner) return;
    const { feed, tenants } = this.#options;
    this.#stopListening = feed.onHead((tenantId) => {
      this.#later(tenantId, GATHER_MS);
    });
    for (const tenantId of await tenants.ids()) this.#later(tenantId, 0);
  }

  async stop(): Promise<void> {
    this.#stopListening();
    this.#stopping.abort(new TendrilError('HUB_STOPPING'));
    for (const cancel of this.#cancels.values()) cancel();
    await Promise.allSettled(this.#following.values());
  }

  async rebuild(tenantId: string): Promise<void> {
    const { host, tenants, log } = this.#options;
    const tenant = await tenants.open(tenantId);
    await host.runDriver(callerFor(tenant, 'rebuild'), 'analytics', (driver, call) => driver.reset(call));
    log.info({ tenantId }, 'the columnar copy was emptied and is filled again from the log');
    this.#later(tenantId, 0);
  }

  look(tenantId: string): void {
    if (this.#state === 'following') this.#later(tenantId, 0);
  }

  metrics(): readonly Metric[] {
    const values = [...this.#positions].map(([tenant, value]) => ({ labels: { tenant }, value }));
    return [
      { name: 'tendril_analytics_position', help: 'How far the columnar copy of each tenant has come in its log', kind: 'gauge', values },
    ];
  }

  /** Follows after a while, once for all that ask within it. */
  #later(tenantId: string, delayMs: number, failures = 0): void {
    if (this.#stopping.signal.aborted || this.#state === 'elsewhere' || this.#cancels.has(tenantId)) return;
    const cancel = this.#options.timers.after(delayMs, () => {
      this.#cancels.delete(tenantId);
      if (this.#following.has(tenantId)) {
        this.#asked.add(tenantId);
        return;
      }
      const following = this.#follow(tenantId, failures).finally(() => {
        this.#following.delete(tenantId);
        if (this.#asked.delete(tenantId)) this.#later(tenantId, GATHER_MS);
      });
      this.#following.set(tenantId, following);
    });
    this.#cancels.set(tenantId, cancel);
  }

  async #follow(tenantId: string, failures: number): Promise<void> {
    const { host, log, random } = this.#options;
    try {
      if (!(await host.hasDriver(tenantId, 'analytics'))) return;
      if (await this.#turns.take(() => this.#catchUp(tenantId))) this.#later(tenantId, GATHER_MS);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      log.warn({ tenantId, failures, err: error }, 'the columnar copy could not be filled; trying again');
      this.#later(tenantId, backoffMs(failures + 1, RETRY, random), failures + 1);
    }
  }

  /**
   * Reads as far as it may. What comes while it does so is for the next time: under load there would be another handful
   * after each, and a commit for it.
   *
   * @returns whether there is more
   */
  async #catchUp(tenantId: string): Promise<boolean> {
    const { host, limit, tenants } = this.#options;
    const tenant = await tenants.open(tenantId);
    const standing = (): Promise<number> =>
      host.runDriver(callerFor(tenant, 'position'), 'analytics', (driver, call) => driver.position(call));
    for (let isEnd = false; ;) {
      const position = await standing();
      this.#positions.set(tenantId, position);
      const through = await limit(tenantId, AFTER);
      if (isEnd || position >= through) return position < (await tenant.log.head());
      this.#stopping.signal.throwIfAborted();
      const read = await this.#read(tenant, position, Math.min(BATCH, through - position));
      const events = await this.#withPeople(
        tenantId,
        read.filter((one) => one.position <= through),
      );
      try {
        const last = events.at(-1)?.position ?? through;
        await this.#append(tenant, position, last, events);
        isEnd = last >= through;
      } catch (error) {
        // Emptied or closed in the meantime: it is read again how far it is.
        if (!TendrilError.is(error) || error.code !== 'CONFLICT') throw error;
      }
    }
  }

  /** What was appended just now is at hand; a copy that is far behind reads the log, and leaves at hand what others follow. */
  async #read(tenant: OpenTenant, after: number, limit: number): Promise<readonly LoggedEvent[]> {
    const recent = this.#options.feed.atHand(tenant, after, limit);
    return recent.length > 0 ? recent : (await tenant.log.read(after, limit)).map(decodeEvent);
  }

  async #append(tenant: OpenTenant, after: number, through: number, events: readonly LoggedEvent[]): Promise<void> {
    const links = events.flatMap((event) => linkOf(event) ?? []);
    const people = await this.#movedBy(tenant, links);
    await this.#options.host.runDriver(callerFor(tenant, `append-${through}`), 'analytics', (driver, call) => {
      // The driver's manifest says that its settings have these.
      const declared = call.settings as DeclaredProperties;
      return driver.append({ after, through, events: events.map((event) => projectEvent(event, declared)), links, people }, call);
    });
  }

  /**
   * What was found out before two people were taken apart is put right with the event that tells it; within one batch that
   * would come too early.
   */
  async #withPeople(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]> {
    if (events.length === 0) return events;
    const isParting = events.some((event) => linkOf(event)?.isJoined === false);
    const people = await (isParting ? this.#options.resolvePeople : this.#options.recallPeople)(tenantId, events);
    return events.map((event, i) => {
      const profileId = people[i];
      return profileId === undefined ? event : { ...event, profileId };
    });
  }

  /**
   * Events were filed under the person that somebody was when they were read. When two people are taken apart, theirs are looked at again:
   * some of them may have been read after the merge.
   */
  async #movedBy(
    tenant: OpenTenant,
    links: readonly PersonLink[],
  ): Promise<readonly { readonly position: number; readonly person: string }[]> {
    const parted = [...new Set(links.filter(({ isJoined }) => !isJoined).flatMap(({ from, into }) => [from, into]))];
    const moved: { readonly position: number; readonly person: string }[] = [];
    if (parted.length === 0) return moved;
    for (let after = 0; ;) {
      const from = after;
      const positions = await this.#options.host.runDriver(callerFor(tenant, `moved-${after}`), 'analytics', (driver, call) =>
        driver.positionsOf(parted, from, PEOPLE_AT_ONCE, call),
      );
      const stored = await tenant.log.get(positions);
      const events = stored.flatMap((one) => (one === undefined ? [] : [decodeEvent(one)]));
      const people = await this.#options.resolvePeople(tenant.tenant.id, events);
      for (const [i, { position }] of events.entries()) {
        const person = people[i];
        if (person !== undefined) moved.push({ position, person });
      }
      after = positions.at(-1) ?? after;
      if (positions.length < PEOPLE_AT_ONCE) return moved;
    }
  }
}

function callerFor(tenant: OpenTenant, work: string): Parameters<PluginHost['runDriver']>[0] {
  return { plugin: { id: '_analytics' }, tenant, isTest: false, idempotencyKey: `analytics-${work}`, attempt: 1 };
}
