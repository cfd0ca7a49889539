import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import type { LookupFunction } from 'node:net';
import { literalAddress } from './addresses.ts';
import { currentScope } from './egress-scope.ts';
import type { EgressScope } from './egress-scope.ts';
import type { KnownAddresses } from './known-addresses.ts';
import { replaceMember } from './replace-member.ts';

/** What of a connect's options matters here. */
interface ConnectOptions {
  readonly host?: string;
  readonly port?: number | string;
  readonly path?: string;
  readonly lookup?: LookupFunction;
}

/** Where a socket that a handler opened leads. */
interface Destination {
  readonly host: string;
  readonly port: number;
}

/**
 * Every TCP, TLS and HTTP/2 client of Node ends in `net.Socket.prototype.connect`; datagrams have no connect to check
 * and are refused. A socket that was opened in one run and kept is asked about again when another run, or what is left of an
 * ended one, writes to it.
 */
export function guardSockets(known: KnownAddresses): readonly (() => void)[] {
  const lookup = dns.lookup as unknown as LookupFunction;
  const destinations = new WeakMap<net.Socket, Destination>();
  return [
    ...(['_write', '_writev'] as const).map((name) =>
      guardWriting(name, (scope, socket) => {
        const parent: unknown = Reflect.get(socket, '_parent');
        const destination = destinations.get(socket) ?? (parent instanceof net.Socket ? destinations.get(parent) : undefined);
        if (destination !== undefined) admitDestination(scope, destination, known);
      }),
    ),
    replaceMember(net.Socket.prototype, 'connect', (original) => {
      const connect = original as unknown as (this: net.Socket, ...input: unknown[]) => net.Socket;
      function guarded(this: net.Socket, ...input: unknown[]): net.Socket {
        const scope = currentScope();
        if (scope === undefined) return connect.apply(this, input);
        try {
          const { options, callback } = normalized(input);
          const admitted = admit(scope, options, known, lookup);
          destinations.set(this, { host: options.host ?? 'localhost', port: Number(options.port) });
          return callback === undefined ? connect.call(this, admitted) : connect.call(this, admitted, callback);
        } catch (error) {
          return this.destroy(error as Error);
        }
      }
      return guarded;
    }),
    ...(['send', 'connect'] as const).map((name) =>
      replaceMember(dgram.Socket.prototype, name, (original) => {
        const send = original as unknown as (this: dgram.Socket, ...input: unknown[]) => void;
        function guarded(this: dgram.Socket, ...input: unknown[]): void {
          const scope = currentScope();
          if (scope !== undefined) throw scope.refuse('datagram');
          send.apply(this, input);
        }
        return guarded;
      }),
    ),
  ];
}

/** The forms that `connect` takes: an array that Node has normalised, options, a path, or port and host. */
function normalized(input: readonly unknown[]): { readonly options: ConnectOptions; readonly callback: unknown } {
  const [first, second] = input;
  if (Array.isArray(first)) return { options: first[0] as ConnectOptions, callback: first[1] ?? undefined };
  const last = input.at(-1);
  const callback = typeof last === 'function' ? last : undefined;
  if (typeof first === 'object' && first !== null) return { options: first, callback };
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { options: { path: first }, callback };
  return { options: { port: first as number, ...(typeof second === 'string' && { host: second }) }, callback };
}

function admit(scope: EgressScope, options: ConnectOptions, known: KnownAddresses, lookup: LookupFunction): ConnectOptions {
  if (typeof options.path === 'string') throw scope.refuse('local socket');
  const port = Number(options.port);
  admitDestination(scope, { host: options.host ?? 'localhost', port }, known);
  return { ...options, lookup: checkedLookup(scope, port, known, options.lookup ?? lookup) };
}

function admitDestination(scope: EgressScope, { host, port }: Destination, known: KnownAddresses): void {
  const address = literalAddress(host);
  const name = address === undefined ? undefined : known.namesOf(address).find((candidate) => isAdmitted(scope, candidate, port));
  if (address === undefined || name === undefined) scope.admit(host, port);
  else scope.admitAddress(name, address, port);
}

type Write = (this: net.Socket, ...input: unknown[]) => void;

function guardWriting(name: '_write' | '_writev', check: (scope: EgressScope, socket: net.Socket) => void): () => void {
  const prototype = net.Socket.prototype as unknown as Record<typeof name, Write>;
  return replaceMember(
    prototype,
    name,
    (original) =>
      function (...input) {
        const scope = currentScope();
        if (scope !== undefined) {
          try {
            check(scope, this);
          } catch (error) {
            (input.at(-1) as (error: unknown) => void)(error);
            return;
          }
        }
        original.apply(this, input);
      },
  );
}

function isAdmitted(scope: EgressScope, host: string, port: number): boolean {
  try {
    scope.admit(host, port);
    return true;
  } catch {
    return false;
  }
}

/** The socket connects to what this answers, so a name that now leads elsewhere (DNS rebinding) is caught here. */
function checkedLookup(scope: EgressScope, port: number, known: KnownAddresses, inner: LookupFunction): LookupFunction {
  return (host, options, callback) => {
    inner(host, options, (error, address, family) => {
      if (error !== null) {
        callback(error, address, family);
        return;
      }
      const addresses = Array.isArray(address) ? address.map((entry) => entry.address) : [address];
      try {
        for (const each of addresses) scope.admitAddress(host, each, port);
      } catch (denied) {
        callback(denied as Error, address, family);
        return;
      }
      known.note(host, addresses);
      callback(null, address, family);
    });
  };
}
