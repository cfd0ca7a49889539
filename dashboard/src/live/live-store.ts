import { api, STREAM_PATH } from '../api/client.ts';
import { isSessionMissing, toApiProblem } from '../api/api-problem.ts';
import { readOverview } from '../api/from-wire.ts';
import type { WireOverview } from '../api/from-wire.ts';
import type { LoggedEvent, Overview, RunInfo } from '../api/types.ts';
import { toMs } from '../ui/instant.ts';

/** How the stream stands. `signed-out` means that the session is missing. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'signed-out';

/** What the stream has brought so far. Replaced, never changed, at each update. */
export interface LiveSnapshot {
  readonly state: LiveState;
  readonly overview: Overview | undefined;
  /** Newest first, at most `KEPT_EVENTS`. */
  readonly events: readonly LoggedEvent[];
  /** Newest first, at most `KEPT_RUNS`, one entry a run. */
  readonly runs: readonly RunInfo[];
  /** How often the hub has said that a topic of its API changed. */
  readonly changes: Readonly<Record<string, number>>;
  /** Events that arrived over the stream since the page was opened. */
  readonly arrived: number;
  /** Events a second over the last ten. */
  readonly perSecond: number;
}

/** When one event reached this page. */
export interface Arrival {
  readonly at: number;
  readonly event: LoggedEvent;
  /** How many events it stands for: at a high rate the stream counts all but brings only the newest. */
  readonly weight: number;
}

const KEPT_EVENTS = 500;
const KEPT_RUNS = 200;
const SEEDED_EVENTS = 200;
const KEPT_ARRIVALS_MS = 65_000;
/** Lists redraw at most this often, however fast events arrive. */
const REDRAW_EVERY_MS = 120;
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 15_000;
const OVERVIEW_EVERY_MS = 2_500;
const RATE_OVER_MS = 10_000;
const RATE_EVERY_MS = 1_000;

/** Follows the hub's stream over one EventSource, gathers what arrives and tells its listeners once a frame at most. */
export class LiveStore {
  #snapshot: LiveSnapshot = { state: 'connecting', overview: undefined, events: [], runs: [], changes: {}, arrived: 0, perSecond: 0 };
  #next: LiveSnapshot = this.#snapshot;
  readonly #listeners = new Set<() => void>();
  #arrivals: Arrival[] = [];
  #source: EventSource | undefined;
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #isOverviewStreamed = false;
  #isRedrawAsked = false;
  #redrawnAt = 0;

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** For `useSyncExternalStore`. */
  readonly read = (): LiveSnapshot => this.#snapshot;

  /** Events of the last minute with the moment they reached this page, oldest first. For drawing on a canvas. */
  arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** Opens the stream; safe to call twice. */
  start(): void {
    if (this.#source !== undefined) return;
    void this.#loadOverview();
    void this.#loadLastMinute();
    this.#open();
    this.#timers.push(
      setInterval(() => this.#refresh(), OVERVIEW_EVERY_MS),
      setInterval(() => this.#measureRate(), RATE_EVERY_MS),
    );
  }

  /** Closes the stream. */
  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  /** Takes an overview that was fetched otherwise, as after pausing. */
  takeOverview(overview: Overview): void {
    this.#change({ overview });
  }

  #open(): void {
    const source = new EventSource(STREAM_PATH, { withCredentials: true });
    this.#source = source;
    source.addEventListener('open', () => {
      this.#retryMs = RETRY_FIRST_MS;
      this.#change({ state: 'live' });
    });
    source.addEventListener('events', (message) => this.#takeEvents(parseNews<LoggedEvent>(message)));
    source.addEventListener('runs', (message) => this.#takeRuns(parseNews<RunInfo>(message).items));
    source.addEventListener('changed', (message) =>
      this.#takeChanges(parse<{ readonly topics?: readonly string[] }>(message)?.topics ?? []),
    );
    source.addEventListener('overview', (message) => {
      const overview = parse<WireOverview>(message);
      if (overview === undefined) return;
      this.#isOverviewStreamed = true;
      this.#change({ overview: readOverview(overview) });
    });
    source.addEventListener('error', () => this.#retry(source));
  }

  #retry(source: EventSource): void {
    if (this.#source !== source) return;
    source.close();
    if (this.#next.state !== 'signed-out') this.#change({ state: 'reconnecting' });
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      void this.#loadOverview();
      this.#open();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS);
  }

  async #loadOverview(): Promise<void> {
    try {
      this.#change({ overview: await api.overview() });
    } catch (thrown) {
      if (isSessionMissing(toApiProblem(thrown))) this.#change({ state: 'signed-out' });
    }
  }

  /** Fills the strip at the start with what came in before the page was opened. */
  async #loadLastMinute(): Promise<void> {
    try {
      const { items } = await api.events({ limit: SEEDED_EVENTS });
      const now = Date.now();
      const known = new Set(this.#next.events.map((event) => event.id));
      const older = items.filter((event) => !known.has(event.id));
      const arrivals = older
        .map((event) => ({ event, at: Math.min(now, toMs(event.receivedAt)), weight: 1 }))
        .filter(({ at }) => at > now - KEPT_ARRIVALS_MS);
      this.#arrivals = [...arrivals.toReversed(), ...this.#arrivals];
      this.#change({ events: [...this.#next.events, ...older].slice(0, KEPT_EVENTS) });
    } catch {
      // The strip then starts empty; the screens that need events report the fault themselves.
    }
  }

  /** Counters are fetched where the stream does not bring them. */
  #refresh(): void {
    if (!document.hidden && !this.#isOverviewStreamed && this.#next.state === 'live') void this.#loadOverview();
  }

  #measureRate(): void {
    const from = Date.now() - RATE_OVER_MS;
    const count = this.#arrivals.reduce((sum, arrival) => sum + (arrival.at > from ? arrival.weight : 0), 0);
    const perSecond = count / (RATE_OVER_MS / 1_000);
    if (perSecond !== this.#next.perSecond) this.#change({ perSecond });
  }

  #takeEvents({ items, count }: News<LoggedEvent>): void {
    if (items.length === 0) return;
    const newest = items.toSorted((left, right) => right.position - left.position);
    const at = Date.now();
    // Those of one message are spread over the time since the last one, so that the strip flows instead of jumping.
    const from = Math.max(this.#arrivals.at(-1)?.at ?? at - 500, at - 1_000);
    const weight = count / items.length;
    const spread = newest.toReversed().map((event, index) => ({ event, weight, at: from + ((at - from) * (index + 1)) / items.length }));
    this.#arrivals = [...this.#arrivals.filter((arrival) => arrival.at > at - KEPT_ARRIVALS_MS), ...spread];
    this.#change({
      events: [...newest, ...this.#next.events].slice(0, KEPT_EVENTS),
      arrived: this.#next.arrived + count,
    });
  }

  #takeRuns(items: readonly RunInfo[]): void {
    if (items.length === 0) return;
    const ids = new Set(items.map((run) => run.id));
    const rest = this.#next.runs.filter((run) => !ids.has(run.id));
    this.#change({ runs: [...items, ...rest].slice(0, KEPT_RUNS) });
  }

  #takeChanges(topics: readonly string[]): void {
    const changes = { ...this.#next.changes };
    for (const topic of topics) changes[topic] = (changes[topic] ?? 0) + 1;
    this.#change({ changes });
    void this.#loadOverview();
  }

  #change(part: Partial<LiveSnapshot>): void {
    this.#next = { ...this.#next, ...part };
    if (this.#isRedrawAsked) return;
    this.#isRedrawAsked = true;
    const waitMs = Math.max(0, REDRAW_EVERY_MS - (performance.now() - this.#redrawnAt));
    setTimeout(() => requestAnimationFrame(() => this.#redraw()), waitMs);
  }

  #redraw(): void {
    this.#isRedrawAsked = false;
    this.#redrawnAt = performance.now();
    this.#snapshot = this.#next;
    for (const listener of this.#listeners) listener();
  }
}

function parse<Value>(message: MessageEvent<unknown>): Value | undefined {
  try {
    return typeof message.data === 'string' ? (JSON.parse(message.data) as Value) : undefined;
  } catch {
    return undefined;
  }
}

interface News<Item> {
  readonly items: readonly Item[];
  /** At least as many as there are items. */
  readonly count: number;
}

function parseNews<Item>(message: MessageEvent<unknown>): News<Item> {
  const { items = [], count = 0 } = parse<Partial<News<Item>>>(message) ?? {};
  return { items, count: Math.max(count, items.length) };
}
