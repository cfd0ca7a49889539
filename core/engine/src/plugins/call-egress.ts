import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { literalAddress } from './broker/addresses.ts';
import { brokerFetch } from './broker/broker-fetch.ts';
import type { FetchScope } from './broker/broker-fetch.ts';
import type { EgressScope } from './broker/egress-scope.ts';
import { credentialsOf } from './broker/inject.ts';
import type { Credentials } from './broker/inject.ts';
import { readRetryAfterMs } from './broker/retry-after.ts';
import type { LiveCall } from './handler-run.ts';

const NO_CONNECTION: JsonObject = {};

/** What one handler run may reach, and its `fetch`. */
export class CallEgress implements EgressScope, FetchScope {
  /** The first refusal, for when a library hides it. */
  denied: TendrilError | undefined;
  /** What the last throttling answer of the service said. */
  retryAfterMs: number | undefined;
  /** Whether it was let through to anybody. */
  hasReachedOut = false;
  readonly #call: LiveCall;

  constructor(call: LiveCall) {
    this.#call = call;
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }

  admit(host: string, port: number | undefined): void {
    this.#call.assertAlive();
    if (this.#place(host, port) === undefined) throw this.#deny({ host, ...(port !== undefined && { port }) });
    if (this.#isTestWithoutSandbox() && !this.#call.environment.network.isAllowed(host, port))
      throw this.#deny({ host, reason: 'a test app reaches sandboxes only' });
    const address = literalAddress(host);
    if (address !== undefined) this.admitAddress(host, address, port);
    this.hasReachedOut = true;
  }

  admitAddress(host: string, address: string, port: number | undefined): void {
    try {
      this.#call.environment.network.admitAddress(host, address, port);
    } catch {
      throw this.#deny({ host, reason: 'the address is not public' });
    }
  }

  refuse(what: string): Error {
    return this.#deny({ what });
  }

  credentialsFor(host: string, port: number): Credentials | undefined {
    const { connection, plugin } = this.#call.run;
    if (connection === undefined || this.#place(host, port)?.mayHoldCredentials !== true) return undefined;
    const inject = plugin.manifest.connections?.[connection.kind]?.inject;
    return inject === undefined ? undefined : credentialsOf(inject, connection.values);
  }

  note({ status, headers }: { readonly status: number; readonly headers: { get(name: string): string | null } }): void {
    if (status !== 429 && status !== 503) return;
    this.retryAfterMs = readRetryAfterMs(
      (name) => headers.get(name),
      this.#call.run.retryAfterHeaders ?? [],
      this.#call.environment.clock.now(),
    );
  }

  async fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    this.#call.assertAlive();
    return this.#fetched(brokerFetch(this.#call.environment.network, this, url, init));
  }

  async plainFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    this.#call.assertAlive();
    const scope = { admit: this.admit.bind(this), credentialsFor: () => undefined, note: this.note.bind(this), signal: this.#call.signal };
    const [url, options] = input instanceof Request ? [input.url, await fromRequest(input, init)] : [input, init];
    return this.#fetched(brokerFetch(this.#call.environment.network, scope, url, options));
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
    const { isTest, ceiling, connection } = this.#call.run;
    return isTest && ceiling.effect !== 'read' && connection?.isSandbox !== true;
  }

  #place(host: string, port: number | undefined): { readonly mayHoldCredentials: boolean } | undefined {
    return this.#call.run.plugin.hosts.find(host, port, {
      connection: this.#call.run.connection?.values ?? NO_CONNECTION,
      input: this.#call.run.input,
    });
  }

  #deny(details: Readonly<Record<string, unknown>>): TendrilError {
    const { plugin, handler, tenant } = this.#call.run;
    const error = new TendrilError('EGRESS_DENIED', { ...details, plugin: plugin.id, handler });
    // A handler may hide it: who watches the log sees it all the same.
    if (this.denied === undefined)
      this.#call.environment.log.warn({ ...error.details, tenant: tenant.tenant.id }, 'plugin reached for what it may not reach');
    this.denied ??= error;
    return error;
  }
}

async function fromRequest(request: Request, init: RequestInit | undefined): Promise<RequestInit> {
  const { method, headers, redirect, signal } = request;
  const body = request.body === null ? null : await request.arrayBuffer();
  return { method, headers, redirect, signal, body, ...init };
}
