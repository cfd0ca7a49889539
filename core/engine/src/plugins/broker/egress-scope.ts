import { AsyncLocalStorage } from 'node:async_hooks';

/** What the guard asks of the handler run whose code is on the stack. */
export interface EgressScope {
  /**
   * Passes when the run may reach the host by name; for a literal address also when it is public or allowed.
   *
   * @param port undefined when only the name is asked for
   * @throws TendrilError EGRESS_DENIED, CALL_ENDED
   */
  admit(host: string, port: number | undefined): void;
  /** Passes when a permitted host may be reached at the address that it resolved to. @throws TendrilError EGRESS_DENIED */
  admitAddress(host: string, address: string, port: number | undefined): void;
  /** The refusal of something that has no host: a local socket, a datagram. */
  refuse(what: string): Error;
  /** `fetch` for libraries that use the global one: checked as `call.fetch`, without credentials put in. */
  plainFetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}

const scopes = new AsyncLocalStorage<EgressScope | undefined>();

/** The scope of the plugin's handler that is running; `undefined` in code of the hub. */
export function currentScope(): EgressScope | undefined {
  return scopes.getStore();
}

/** Runs code of a plugin: whatever it starts is bound to the scope. */
export function inside<Result>(scope: EgressScope, work: () => Result): Result {
  return scopes.run(scope, work);
}

/** Runs code of the hub on behalf of a plugin: a store may open its sockets, other plugins get their own scope. */
export function outside<Result>(work: () => Result): Result {
  return scopes.getStore() === undefined ? work() : scopes.run(undefined, work);
}
