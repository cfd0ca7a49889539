import http from 'node:http';
import http2 from 'node:http2';
import { portOf } from './broker-fetch.ts';
import { currentScope } from './egress-scope.ts';
import { replaceMember } from './replace-member.ts';

// Where Node's own `fetch` and the undici package keep the pool that all share.
const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.2'), Symbol.for('undici.globalDispatcher.1')];

type AddRequest = (
  this: http.Agent,
  request: http.ClientRequest & { onSocket(socket: undefined, error: Error): void },
  options: { host?: string; port?: number },
) => void;
interface Dispatcher {
  dispatch(options: { readonly origin?: string | URL }, handler: unknown): boolean;
}

/** A pool may hand out a connection that another handler opened, which no guard on connecting would see. */
export function guardHttp(): readonly (() => void)[] {
  return [guardAgents(), guardSessions(), guardFetch(), ...guardDispatchers()];
}

function guardAgents(): () => void {
  const prototype = http.Agent.prototype as unknown as { addRequest: AddRequest };
  return replaceMember(
    prototype,
    'addRequest',
    (original) =>
      function (request, options, ...legacy: unknown[]) {
        try {
          currentScope()?.admit(options.host ?? 'localhost', Number(options.port));
        } catch (error) {
          request.onSocket(undefined, error as Error);
          return;
        }
        Reflect.apply(original, this, [request, options, ...legacy]);
      },
  );
}

function guardSessions(): () => void {
  return replaceMember(http2, 'connect', (original) => {
    const connect = original as (authority: string | URL, ...rest: unknown[]) => http2.ClientHttp2Session;
    return (authority: string | URL, ...rest: unknown[]) => {
      const url = new URL(authority);
      const admit = (): void => currentScope()?.admit(url.hostname, portOf(url));
      admit();
      const session = connect(authority, ...rest);
      replaceMember(session, 'request', (request) => (...input: Parameters<typeof request>) => {
        admit();
        return request.apply(session, input);
      });
      return session;
    };
  });
}

function guardFetch(): () => void {
  return replaceMember(globalThis, 'fetch', (original) => (input, init) => {
    const scope = currentScope();
    return scope === undefined ? original(input, init) : scope.plainFetch(input, init);
  });
}

/** For libraries that kept a reference to `fetch` from before, or use undici's. */
function guardDispatchers(): readonly (() => void)[] {
  // Loads the platform's fetch, which makes the pool; reaches nothing.
  fetch('data:,').catch(() => undefined);
  const owner = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  return GLOBAL_DISPATCHERS.flatMap((symbol) => {
    const dispatcher = owner[symbol];
    if (dispatcher === undefined) return [];
    return [
      replaceMember(
        dispatcher,
        'dispatch',
        (original) =>
          function (this: Dispatcher, options, handler) {
            const scope = currentScope();
            if (scope !== undefined) {
              const url = new URL(options.origin ?? 'http://localhost');
              scope.admit(url.hostname, portOf(url));
            }
            return original.call(this, options, handler);
          },
      ),
    ];
  });
}
