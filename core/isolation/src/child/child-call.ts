import { TendrilError } from '@tendril/plugin-api';
import type {
  ActionCaller,
  Analytics,
  AnalyticsAnswer,
  AnalyticsFreshness,
  AnalyticsQuestion,
  Agents,
  Aggregate,
  Call,
  Changes,
  Clock,
  Connection,
  EventAccess,
  EventStretch,
  Expressions,
  Json,
  JsonObject,
  KeyValue,
  LoggedEvent,
  Logger,
  Models,
  Page,
  Permit,
  Row,
  Table,
  StartedPipeline,
  TakenIn,
  TextAnswer,
} from '@tendril/plugin-api';
import type { CallFacts } from '../protocol/messages.ts';
import type { ChildHost } from './child-host.ts';
import { createCallExpressions } from './call-expressions.ts';
import { createCallAgents } from './call-agents.ts';
import { fetchThroughHub } from './call-fetch.ts';
import { ChildLogger } from './child-logger.ts';
import type { OpenCall } from './open-call.ts';

/**
 * `call` in a plugin's own process: the same members with the same meaning as in the hub's. What answers at once there and
 * can fail (changes, connection, permit) waits for the hub's answer here.
 */
export class ChildCall implements Call, OpenCall {
  readonly number: number;
  readonly handler: string;
  readonly host: ChildHost;
  readonly #facts: CallFacts;
  /** Streams and tunnels that end with the call. */
  readonly closing = new Set<(error: unknown) => void>();
  #isEnded = false;
  #controller: AbortController | undefined;
  #abortReason: unknown;
  #clock: Clock | undefined;
  #log: Logger | undefined;
  #kv: KeyValue | undefined;
  #changes: Changes | undefined;
  #fetch: Call['fetch'] | undefined;
  #agents: Agents | undefined;
  #events: EventAccess | undefined;
  #expressions: Expressions | undefined;
  #actions: ActionCaller | undefined;
  #models: Models | undefined;
  #analytics: Analytics | undefined;
  #connection: Connection | undefined;

  constructor(host: ChildHost, number: number, handler: string, facts: CallFacts) {
    this.host = host;
    this.number = number;
    this.handler = handler;
    this.#facts = facts;
  }

  /** @throws TendrilError CALL_ENDED */
  assertAlive(): void {
    if (this.#isEnded) throw this.#ended();
  }

  /** Asks the hub for a member of this call. */
  async ask(member: string, input: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    this.assertAlive();
    return this.host.asking.ask(this.number, member, input, signal);
  }

  /** Asks the hub and waits, for members that are not asynchronous. */
  askNow(member: string, input: readonly unknown[]): unknown {
    this.assertAlive();
    return this.host.asking.askNow(this.number, member, input);
  }

  abort(reason: unknown): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(reason);
  }

  /** Nothing works after this. */
  end(): void {
    this.#isEnded = true;
    const error = this.#ended();
    this.abort(error);
    for (const close of this.closing) close(error);
    this.closing.clear();
  }

  get tenant(): Call['tenant'] {
    this.assertAlive();
    return this.#facts.tenant;
  }

  get isTest(): boolean {
    this.assertAlive();
    return this.#facts.isTest;
  }

  get settings(): JsonObject {
    this.assertAlive();
    return this.#facts.settings;
  }

  get idempotencyKey(): string {
    this.assertAlive();
    return this.#facts.idempotencyKey;
  }

  get attempt(): number {
    this.assertAlive();
    return this.#facts.attempt;
  }

  get signal(): AbortSignal {
    this.assertAlive();
    this.#controller ??= new AbortController();
    if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    return this.#controller.signal;
  }

  get clock(): Clock {
    this.assertAlive();
    return (this.#clock ??= hubClock(this.#facts.now));
  }

  get log(): Logger {
    this.assertAlive();
    return (this.#log ??= new ChildLogger(this));
  }

  get kv(): KeyValue {
    this.assertAlive();
    return (this.#kv ??= {
      get: async (key) => (await this.ask('kv.get', [key])) as Json | undefined,
      set: async (key, value, ttlSeconds) => {
        await this.ask('kv.set', [key, value, ttlSeconds]);
      },
      delete: async (key) => {
        await this.ask('kv.delete', [key]);
      },
      claim: async (key, owner, windowSeconds) => (await this.ask('kv.claim', [key, owner, windowSeconds])) as boolean,
    });
  }

  table<Value extends object = JsonObject>(name: string): Table<Value> {
    this.assertAlive();
    // Throws what it throws in the hub's process.
    if (!this.host.tables.has(name)) this.askNow('table', [name]);
    return {
      getMany: async (keys) => rows(await this.ask('table.getMany', [name, keys])) as readonly (Row<Value> | undefined)[],
      get: async (key) => {
        const [row] = rows(await this.ask('table.getMany', [name, [key]]));
        return row as Row<Value> | undefined;
      },
      query: async (query) => (await this.ask('table.query', [name, query])) as Page<Row<Value>>,
      aggregate: async (query) => (await this.ask('table.aggregate', [name, query])) as readonly Aggregate[],
    };
  }

  get changes(): Changes {
    this.assertAlive();
    return (this.#changes ??= {
      put: (table, value, expect) => this.#change('changes.put', [table, value, expect]),
      delete: (table, key, expect) => this.#change('changes.delete', [table, key, expect]),
      emit: (event) => this.#change('changes.emit', [event]),
      flush: async () => {
        await this.ask('changes.flush', []);
      },
    });
  }

  get connection(): Connection {
    this.assertAlive();
    return (this.#connection ??= this.#openConnection());
  }

  get fetch(): Call['fetch'] {
    this.assertAlive();
    return (this.#fetch ??= async (url, init) => fetchThroughHub(this, 'fetch', url, init));
  }

  get agent(): Agents {
    this.assertAlive();
    return (this.#agents ??= createCallAgents(this));
  }

  get events(): EventAccess {
    this.assertAlive();
    return (this.#events ??= {
      ofPerson: async (identities, options) => (await this.ask('events.ofPerson', [identities, options])) as Page<LoggedEvent>,
      read: async (range) => (await this.ask('events.read', [range])) as EventStretch,
      head: async () => (await this.ask('events.head', [])) as number,
      ingest: async (calls, options) => (await this.ask('events.ingest', [calls, options])) as readonly TakenIn[],
      pipelinesStartedBy: async (name) => (await this.ask('events.pipelinesStartedBy', [name])) as readonly StartedPipeline[],
    });
  }

  get expressions(): Expressions {
    this.assertAlive();
    return (this.#expressions ??= createCallExpressions(this));
  }

  /** Files are for plugins in the hub's process: it refuses. */
  async folder(): Promise<string> {
    return (await this.ask('folder', [])) as string;
  }

  get actions(): ActionCaller {
    this.assertAlive();
    return (this.#actions ??= {
      call: async <Output>(name: string, input: object) => (await this.ask('actions.call', [name, input])) as Output,
    });
  }

  get models(): Models {
    this.assertAlive();
    return (this.#models ??= {
      generate: async (request) => (await this.ask('models.generate', [request])) as TextAnswer,
      embed: async (texts) => (await this.ask('models.embed', [texts])) as readonly (readonly number[])[],
    });
  }

  get analytics(): Analytics {
    this.assertAlive();
    return (this.#analytics ??= {
      ask: async <Question extends AnalyticsQuestion>(question: Question) =>
        (await this.ask('analytics.ask', [question])) as AnalyticsAnswer<Question>,
      freshness: async () => (await this.ask('analytics.freshness', [])) as AnalyticsFreshness,
      rebuild: async () => {
        await this.ask('analytics.rebuild', []);
      },
    });
  }

  get permit(): Permit {
    return this.askNow('permit', []) as Permit;
  }

  #change(member: string, input: readonly unknown[]): void {
    this.askNow(member, input);
  }

  #openConnection(): Connection {
    const { values, ...known } = this.askNow('connection', []) as Partial<Connection> & Omit<Connection, 'values'>;
    if (values !== undefined) return { ...known, values };
    return Object.defineProperty({ ...known } as Connection, 'values', {
      enumerable: true,
      get: () => this.askNow('connection.values', []),
    });
  }

  #ended(): TendrilError {
    return new TendrilError('CALL_ENDED', { plugin: this.host.plugin, handler: this.handler });
  }
}

function hubClock(nowAtStart: number): Clock {
  const aheadMs = nowAtStart - Date.now();
  return { now: () => Date.now() + aheadMs };
}

/** A row that is not there is `undefined`, which JSON cannot carry in a list. */
function rows(answer: unknown): readonly (Row | undefined)[] {
  return (answer as readonly (Row | null)[]).map((row) => row ?? undefined);
}
