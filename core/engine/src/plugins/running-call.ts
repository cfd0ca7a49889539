import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Connection, EmittedEvent, Expectation, Json, JsonObject, LoggedEvent, Logger, Permit } from '@tendril/plugin-api';
import { hubEvent } from '../events/index.ts';
import type { OpenTenant } from '../tenants/index.ts';
import type { Change, NewEvent } from '../ports.ts';
import { literalAddress } from './broker/addresses.ts';
import { brokerFetch } from './broker/broker-fetch.ts';
import type { EgressScope } from './broker/egress-scope.ts';
import { outside } from './broker/egress-scope.ts';
import { credentialsOf } from './broker/inject.ts';
import type { Credentials } from './broker/inject.ts';
import type { Network } from './broker/network.ts';
import { readRetryAfterMs } from './broker/retry-after.ts';
import type { LoadedPlugin } from './contract.ts';

/** Calls another plugin's action for the running one; late-bound, since the call path is built on top of this room. */
export type CallAction = (nested: NestedCall) => Promise<{ readonly output: Json; readonly changes: readonly Change[] }>;

/** A plugin's call of another's action. */
export interface NestedCall {
  readonly tenantId: string;
  /** The plugin that calls. */
  readonly plugin: string;
  readonly name: string;
  readonly input: JsonObject;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly isTest: boolean;
  readonly hops: number;
  readonly signal: AbortSignal;
  readonly depth: number;
  /** What the calling handler may cause at most: a `read` action calls only such. */
  readonly ceiling: Ceiling;
  readonly causedBy?: LoggedEvent['causedBy'];
  readonly requestId?: string;
}

/** The effect of a handler, which those it calls must not exceed: dry runs and retries rely on what it declares. */
export interface Ceiling {
  readonly effect: 'read' | 'write' | 'send' | 'spend';
  readonly idempotency: 'key' | 'natural' | 'check' | 'none';
}

/** What the host gives every handler run. */
export interface CallEnvironment {
  readonly clock: Clock;
  readonly log: Logger;
  readonly network: Network;
  readonly callAction: CallAction;
}

/** One handler run: who runs what for whom. */
export interface HandlerRun {
  readonly plugin: LoadedPlugin;
  readonly tenant: OpenTenant;
  readonly settings: JsonObject;
  /** `action upsert_lead`, `consumer project`: for logs and ids. */
  readonly handler: string;
  readonly ceiling: Ceiling;
  readonly isTest: boolean;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly input?: Json;
  readonly connection?: Connection;
  readonly permit?: Permit;
  /** Of the event that caused it; 0 when nothing did. */
  readonly hops?: number;
  readonly causedBy?: LoggedEvent['causedBy'];
  readonly requestId?: string;
  readonly depth?: number;
  readonly retryAfterHeaders?: readonly string[];
  /** The events of a consumer's batch, which what it emits is traced to. */
  readonly events?: readonly LoggedEvent[];
}

const NO_CONNECTION: JsonObject = {};

/** The state of one handler run; everything that `call` offers asks it first. */
export class RunningCall implements EgressScope {
  readonly run: HandlerRun;
  readonly environment: CallEnvironment;
  readonly changes: Change[] = [];
  /** The first refusal of the guard, for when a library hides it. */
  denied: TendrilError | undefined;
  /** What the last throttling answer of the service said. */
  retryAfterMs: number | undefined;
  logLines = 0;
  #isEnded = false;
  #controller: AbortController | undefined;
  #abortReason: TendrilError | undefined;
  readonly #emitted = new Set<string>();
  readonly #nestedCalls = new Map<string, number>();

  constructor(run: HandlerRun, environment: CallEnvironment) {
    this.run = run;
    this.environment = environment;
  }

  /** @throws TendrilError CALL_ENDED */
  assertAlive(): void {
    if (this.#isEnded) throw new TendrilError('CALL_ENDED', { plugin: this.run.plugin.id, handler: this.run.handler });
  }

  /** Made when somebody asks for it: most handlers never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    return this.#controller.signal;
  }

  abort(reason: TendrilError): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(reason);
  }

  /** Nothing works after this; what is still on its way to the network is cut off. */
  end(): void {
    this.#isEnded = true;
    this.abort(new TendrilError('CALL_ENDED', { plugin: this.run.plugin.id, handler: this.run.handler }));
  }

  // ------------------------------------------------------------ changes

  put(table: string, value: object, expect?: Expectation): void {
    this.assertAlive();
    const { plugin } = this.run;
    const spec = plugin.tables.get(table);
    if (spec === undefined) throw this.refused('table', table);
    const problems = plugin.schemas.tables.get(table)?.validate(value) ?? [];
    if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { plugin: plugin.id, table, problems });
    this.changes.push({ op: 'put', table: spec, value: value as JsonObject, ...expectation(expect) });
  }

  delete(table: string, key: string, expect?: Expectation): void {
    this.assertAlive();
    const spec = this.run.plugin.tables.get(table);
    if (spec === undefined) throw this.refused('table', table);
    this.changes.push({ op: 'delete', table: spec, key, ...expectation(expect) });
  }

  emit(event: EmittedEvent): void {
    this.assertAlive();
    const { plugin, handler, idempotencyKey } = this.run;
    if (!plugin.mayWrite(event.name)) throw this.refused('event', event.name);
    const mark = JSON.stringify([event.name, event.discriminator ?? '']);
    if (this.#emitted.has(mark))
      throw new TendrilError('INPUT_INVALID', {
        plugin: plugin.id,
        event: event.name,
        field: 'discriminator',
        reason: 'the run has emitted such an event already',
      });
    this.#emitted.add(mark);
    this.changes.push({ op: 'emit', event: this.#toEvent(event, `${plugin.id}/${handler}/${idempotencyKey}`) });
  }

  #toEvent(event: EmittedEvent, cause: string): NewEvent {
    const { isTest, hops, causedBy, requestId } = { ...this.run, ...causeOf(event, this.run.events) };
    return hubEvent({
      name: event.name,
      cause,
      occurredAt: this.environment.clock.now(),
      isTest,
      ...(event.discriminator !== undefined && { discriminator: event.discriminator }),
      ...(event.identities !== undefined && { identities: event.identities }),
      ...(event.properties !== undefined && { properties: event.properties }),
      ...(event.traits !== undefined && { traits: event.traits }),
      ...(causedBy !== undefined && { causedBy }),
      ...(hops !== undefined && { causeHops: hops }),
      ...(requestId !== undefined && { requestId }),
    });
  }

  async flush(): Promise<void> {
    this.assertAlive();
    if (this.run.events !== undefined)
      throw new TendrilError('PERMISSION_DENIED', { plugin: this.run.plugin.id, handler: this.run.handler, member: 'changes.flush' });
    const changes = this.changes.splice(0);
    if (changes.length === 0) return;
    const result = await outside(() => this.run.tenant.state.commit(changes));
    if (!result.ok) throw new TendrilError('CONFLICT', { plugin: this.run.plugin.id, handler: this.run.handler, reason: result.reason });
  }

  // ------------------------------------------------------------ actions of others

  async callAction(name: string, input: object): Promise<Json> {
    this.assertAlive();
    const { plugin, tenant, idempotencyKey, attempt, isTest, hops, causedBy, requestId, depth, ceiling } = this.run;
    if (plugin.manifest.permissions?.actions?.includes(name) !== true) throw this.refused('action', name);
    // The same call of the same handler has the same key in each attempt, whatever else runs beside it.
    const mark = JSON.stringify([name, input]);
    const repeat = this.#nestedCalls.get(mark) ?? 0;
    this.#nestedCalls.set(mark, repeat + 1);
    const key = hash('sha256', JSON.stringify([idempotencyKey, plugin.id, mark, repeat]), 'hex').slice(0, 48);
    const { output, changes } = await outside(() =>
      this.environment.callAction({
        tenantId: tenant.tenant.id,
        plugin: plugin.id,
        name,
        input: input as JsonObject,
        idempotencyKey: key,
        attempt,
        isTest,
        hops: hops ?? 0,
        signal: this.signal,
        depth: (depth ?? 0) + 1,
        ceiling,
        ...(causedBy !== undefined && { causedBy }),
        ...(requestId !== undefined && { requestId }),
      }),
    );
    this.assertAlive();
    for (const change of changes) this.changes.push(change);
    return output;
  }

  // ------------------------------------------------------------ the network

  admit(host: string, port: number | undefined): void {
    this.assertAlive();
    if (this.#place(host, port) === undefined) throw this.#deny({ host, ...(port !== undefined && { port }) });
    if (this.#isTestWithoutSandbox() && !this.environment.network.isAllowed(host, port))
      throw this.#deny({ host, reason: 'a test app reaches sandboxes only' });
    const address = literalAddress(host);
    if (address !== undefined) this.admitAddress(host, address, port);
  }

  admitAddress(host: string, address: string, port: number | undefined): void {
    try {
      this.environment.network.admitAddress(host, address, port);
    } catch {
      throw this.#deny({ host, reason: 'the address is not public' });
    }
  }

  refuse(what: string): Error {
    return this.#deny({ what });
  }

  credentialsFor(host: string, port: number): Credentials | undefined {
    const { connection, plugin } = this.run;
    if (connection === undefined || this.#place(host, port)?.mayHoldCredentials !== true) return undefined;
    const inject = plugin.manifest.connections?.[connection.kind]?.inject;
    return inject === undefined ? undefined : credentialsOf(inject, connection.values);
  }

  note({ status, headers }: { readonly status: number; readonly headers: { get(name: string): string | null } }): void {
    if (status !== 429 && status !== 503) return;
    this.retryAfterMs = readRetryAfterMs((name) => headers.get(name), this.run.retryAfterHeaders ?? [], this.environment.clock.now());
  }

  async fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    this.assertAlive();
    return this.#fetched(brokerFetch(this.environment.network, this, url, init));
  }

  async plainFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    this.assertAlive();
    const scope = { admit: this.admit.bind(this), credentialsFor: () => undefined, note: this.note.bind(this), signal: this.signal };
    const [url, options] = input instanceof Request ? [input.url, await fromRequest(input, init)] : [input, init];
    return this.#fetched(brokerFetch(this.environment.network, scope, url, options));
  }

  async #fetched(fetching: Promise<Response>): Promise<Response> {
    try {
      return await fetching;
    } catch (error) {
      if (TendrilError.is(error) && error.code === 'EGRESS_DENIED') throw this.#deny(error.details);
      throw error;
    }
  }

  #isTestWithoutSandbox(): boolean {
    const { isTest, ceiling, connection } = this.run;
    return isTest && ceiling.effect !== 'read' && connection?.isSandbox !== true;
  }

  #place(host: string, port: number | undefined): { readonly mayHoldCredentials: boolean } | undefined {
    return this.run.plugin.hosts.find(host, port, { connection: this.run.connection?.values ?? NO_CONNECTION, input: this.run.input });
  }

  #deny(details: Readonly<Record<string, unknown>>): TendrilError {
    const error = new TendrilError('EGRESS_DENIED', { ...details, plugin: this.run.plugin.id, handler: this.run.handler });
    this.denied ??= error;
    return error;
  }

  refused(kind: string, name: string): TendrilError {
    return new TendrilError('PERMISSION_DENIED', { plugin: this.run.plugin.id, handler: this.run.handler, [kind]: name });
  }
}

function expectation(expect: Expectation | undefined): { readonly expect?: number } {
  if (expect === undefined) return {};
  return { expect: expect === 'absent' ? 0 : expect };
}

/**
 * Which event of a batch caused what a consumer emits: the one that the discriminator names, or the last of the same
 * person. Taking the batch as a whole would add a hop with each batch and cut chains that are none.
 */
function causeOf(
  event: EmittedEvent,
  batch: readonly LoggedEvent[] | undefined,
): Partial<Pick<HandlerRun, 'isTest' | 'hops' | 'causedBy' | 'requestId'>> {
  if (batch === undefined) return {};
  const cause = batch.find(({ id }) => id === event.discriminator) ?? batch.findLast((candidate) => isSamePerson(candidate, event));
  if (cause === undefined) return { hops: Math.min(...batch.map(({ hops }) => hops)) };
  return {
    isTest: cause.isTest,
    hops: cause.hops,
    causedBy: { eventId: cause.id },
    ...(cause.requestId !== undefined && { requestId: cause.requestId }),
  };
}

function isSamePerson({ identities: one }: LoggedEvent, { identities: other }: EmittedEvent): boolean {
  if (other === undefined) return false;
  return (
    (other.userId !== undefined && other.userId === one.userId) ||
    (other.anonymousId !== undefined && other.anonymousId === one.anonymousId)
  );
}

async function fromRequest(request: Request, init: RequestInit | undefined): Promise<RequestInit> {
  const { method, headers, redirect, signal } = request;
  const body = request.body === null ? null : await request.arrayBuffer();
  return { method, headers, redirect, signal, body, ...init };
}
