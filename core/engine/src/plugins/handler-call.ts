import { TendrilError } from '@tendril/plugin-api';
import type {
  ActionCaller,
  Analytics,
  Agents,
  Call,
  Changes,
  Clock,
  Connection,
  EventAccess,
  Expressions,
  JsonObject,
  KeyValue,
  Logger,
  Models,
  Permit,
  Table,
} from '@tendril/plugin-api';
import { CALL_EXPRESSIONS } from './call-expressions.ts';
import { openFolder } from './call-folder.ts';
import { createBrokerAgents } from './broker/broker-agents.ts';
import { GatheredChanges } from './gathered-changes.ts';
import { PluginAnalytics } from './plugin-analytics.ts';
import { PluginEvents } from './plugin-events.ts';
import { PluginKeyValue } from './key-value.ts';
import { PluginModels } from './plugin-models.ts';
import { PluginLogger } from './plugin-logger.ts';
import { PluginTable } from './plugin-table.ts';
import type { RunningCall } from './running-call.ts';

/**
 * The `call` of one handler run. Each member asks first whether the run still lasts, and is made when it is first asked
 * for: most handlers use two or three.
 */
export class HandlerCall implements Call {
  readonly #call: RunningCall;
  #log: Logger | undefined;
  #kv: KeyValue | undefined;
  #changes: Changes | undefined;
  #fetch: Call['fetch'] | undefined;
  #agents: Agents | undefined;
  #events: EventAccess | undefined;
  #actions: ActionCaller | undefined;
  #models: Models | undefined;
  #analytics: Analytics | undefined;
  #connection: Connection | undefined;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  get tenant(): Call['tenant'] {
    this.#call.assertAlive();
    const { id, name, timeZone } = this.#call.run.tenant.tenant;
    return { id, name, timeZone };
  }

  get isTest(): boolean {
    this.#call.assertAlive();
    return this.#call.run.isTest;
  }

  get settings(): JsonObject {
    this.#call.assertAlive();
    return this.#call.run.settings;
  }

  get idempotencyKey(): string {
    this.#call.assertAlive();
    return this.#call.run.idempotencyKey;
  }

  get attempt(): number {
    this.#call.assertAlive();
    return this.#call.run.attempt;
  }

  get signal(): AbortSignal {
    this.#call.assertAlive();
    return this.#call.signal;
  }

  get clock(): Clock {
    this.#call.assertAlive();
    return this.#call.environment.clock;
  }

  get log(): Logger {
    this.#call.assertAlive();
    return (this.#log ??= new PluginLogger(this.#call));
  }

  get kv(): KeyValue {
    this.#call.assertAlive();
    return (this.#kv ??= new PluginKeyValue(this.#call));
  }

  table<Value extends object = JsonObject>(name: string): Table<Value> {
    this.#call.assertAlive();
    const spec = this.#call.run.plugin.tables.get(name);
    if (spec === undefined) throw this.#call.refused('table', name);
    // Rows were validated by the manifest's schema, from which the type is generated, when they were written.
    return new PluginTable(this.#call, spec) as Table as Table<Value>;
  }

  get changes(): Changes {
    this.#call.assertAlive();
    return (this.#changes ??= new GatheredChanges(this.#call));
  }

  get connection(): Connection {
    this.#call.assertAlive();
    return (this.#connection ??= this.#openConnection());
  }

  get fetch(): Call['fetch'] {
    this.#call.assertAlive();
    return (this.#fetch ??= (url, init) => this.#call.egress.fetch(url, init));
  }

  get agent(): Agents {
    this.#call.assertAlive();
    const { plugin, tenant, connection } = this.#call.run;
    return (this.#agents ??= createBrokerAgents(
      this.#call.environment.network,
      this.#call.egress,
      `${tenant.tenant.id}/${plugin.id}/${connection?.name ?? ''}`,
    ));
  }

  get events(): EventAccess {
    this.#call.assertAlive();
    return (this.#events ??= new PluginEvents(this.#call));
  }

  get expressions(): Expressions {
    this.#call.assertAlive();
    return CALL_EXPRESSIONS;
  }

  async folder(): Promise<string> {
    this.#call.assertAlive();
    return openFolder(this.#call);
  }

  get actions(): ActionCaller {
    this.#call.assertAlive();
    return (this.#actions ??= {
      call: async <Output>(name: string, input: object) => (await this.#call.callAction(name, input)) as Output,
    });
  }

  get models(): Models {
    this.#call.assertAlive();
    return (this.#models ??= new PluginModels(this.#call));
  }

  get analytics(): Analytics {
    this.#call.assertAlive();
    return (this.#analytics ??= new PluginAnalytics(this.#call));
  }

  get permit(): Permit {
    this.#call.assertAlive();
    const { permit } = this.#call.run;
    if (permit === undefined) throw this.#call.refused('member', 'permit');
    return permit;
  }

  #openConnection(): Connection {
    const { connection, plugin } = this.#call.run;
    if (connection === undefined) throw new TendrilError('CONNECTION_MISSING', { plugin: plugin.id });
    if (plugin.manifest.permissions?.connections?.includes(connection.kind) === true) return connection;
    const refused = this.#call.refused('connection', connection.kind);
    const { name, kind, isSandbox } = connection;
    return {
      name,
      kind,
      isSandbox,
      get values(): JsonObject {
        throw refused;
      },
    };
  }
}
