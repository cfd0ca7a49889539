import type { JsonObject } from '@tendril/plugin-api';
import type { Action } from '@tendril/schemas';
import type { RecordedCase } from '../plugin-package.ts';
import type { Responder } from '../service/stand-in.ts';
import type { World } from '../world.ts';
import type { Bench, BenchCall, Ended } from './open-bench.ts';

const AT = Date.UTC(2026, 0, 15, 12);
const KEY = 'recording';
let connections = 0;

/** How one attempt at a recorded call is made. */
export interface Attempt {
  /** How the service behaves. */
  readonly respond: Responder;
  /** The recording's own unless told. */
  readonly idempotencyKey?: string;
  readonly attempt?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** How far behind the recording's moment the clock stands, in milliseconds. */
  readonly laterMs?: number;
  /** Values of the connection in place of the recorded ones. */
  readonly values?: JsonObject;
}

/** Makes calls of one recorded case, each with a connection of its own, so that limits and log-ins of one say nothing about the next. */
export class CaseRunner {
  readonly action: Action;
  readonly #world: World;
  readonly #case: RecordedCase;
  #tenantId: string | undefined;

  constructor(world: World, recorded: RecordedCase, action: Action) {
    this.#world = world;
    this.#case = recorded;
    this.action = action;
  }

  get recorded(): RecordedCase {
    return this.#case;
  }

  /** Index of the exchange that has the effect: the last that is no mere question, else the last. */
  get effectExchange(): number {
    const { exchanges } = this.#case.recording;
    const last = exchanges.findLastIndex(({ request }) => request.method !== 'GET' && request.method !== 'HEAD');
    return last < 0 ? exchanges.length - 1 : last;
  }

  /** What the clock says, in epoch milliseconds. */
  get atMs(): number {
    const { at } = this.#case.recording;
    return at === undefined ? AT : Date.parse(at);
  }

  async run(attempt: Attempt): Promise<Ended> {
    const start = await this.prepare(attempt);
    return start();
  }

  /** Sets up everything. @returns how to start the call */
  async prepare(attempt: Attempt): Promise<() => Promise<Ended>> {
    const bench = await this.#world.bench();
    const call = await this.#prepare(bench, attempt);
    return () => bench.call(call);
  }

  async check(attempt: Attempt): ReturnType<Bench['check']> {
    const bench = await this.#world.bench();
    return bench.check(await this.#prepare(bench, attempt));
  }

  async #prepare(bench: Bench, attempt: Attempt): Promise<BenchCall> {
    const { recording } = this.#case;
    const { respond, idempotencyKey = recording.idempotencyKey ?? KEY, laterMs = 0, values, ...rest } = attempt;
    bench.clock.set(this.atMs + laterMs);
    bench.people.profile = (recording.person ?? {}) as JsonObject;
    const tenantId = await this.#tenant(bench);
    const connection = await this.#connect(bench, tenantId, values);
    bench.service.play(respond);
    return { ...rest, tenantId, action: recording.action, input: recording.input as JsonObject, idempotencyKey, connection };
  }

  /** Limits of actions without a connection hold for the tenant: each call has another one then. */
  async #tenant(bench: Bench): Promise<string> {
    const { connection, settings } = this.#case.recording;
    if (this.#tenantId !== undefined && connection !== undefined) return this.#tenantId;
    const { tenant } = await bench.tenant(settings as JsonObject | undefined);
    this.#tenantId = tenant.id;
    return tenant.id;
  }

  async #connect(bench: Bench, tenantId: string, values: JsonObject | undefined): Promise<string | undefined> {
    const { connection } = this.#case.recording;
    if (connection === undefined) return undefined;
    connections += 1;
    const name = `connection_${String(connections)}`;
    // Not by the tenant's own face, which asks for dynamic fields behind the call's back.
    await bench.rooms.connections.service(tenantId).add({
      name,
      plugin: this.#world.plugin.id,
      kind: connection.kind,
      values: values ?? (connection.values as JsonObject),
      isSandbox: true,
      shouldTest: false,
    });
    return name;
  }
}
