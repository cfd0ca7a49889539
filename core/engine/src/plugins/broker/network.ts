import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Agent, buildConnector } from 'undici';
import { TendrilError } from '@tendril/plugin-api';
import { isPublicAddress, literalAddress } from './addresses.ts';
import { outside } from './egress-scope.ts';
import { compileOperatorAllowance } from './permitted-hosts.ts';

/** Resolves a name to all its addresses; handed in so that tests can play a name server. */
export type ResolveName = (host: string) => Promise<readonly { readonly address: string; readonly family: 4 | 6 }[]>;

/** Opens a stream to a place in place of a socket, for tests that play the services. */
export type OpenStream = (place: { readonly host: string; readonly port: number; readonly isSecure: boolean }) => Duplex;

/** What the operator says about the network. */
export interface NetworkOptions {
  /** `host:port` or `host` that may be reached although the address is private: sandboxes, a local mail sink. */
  readonly allow?: readonly string[];
  readonly resolve?: ResolveName;
  /** Of one answer's body; 10 MB unless told. */
  readonly bodyLimitBytes?: number;
  /** 10,000 unless told. */
  readonly connectTimeoutMs?: number;
  /** For tests only, and no setting leads here: names are not resolved then, what is permitted is checked as ever. */
  readonly openStream?: OpenStream;
}

/** The hub's own way to the network: pools whose connections were checked by address. */
export interface Network {
  readonly bodyLimitBytes: number;
  readonly dispatcher: Agent;
  readonly pools: { readonly http: http.Agent; readonly https: https.Agent };
  /** Whether the operator allowed the host by name: a sandbox, a local sink. */
  isAllowed(host: string, port: number | undefined): boolean;
  /** Whether a host may be reached at an address. @throws TendrilError EGRESS_DENIED */
  admitAddress(host: string, address: string, port: number | undefined): void;
  close(): Promise<void>;
}

const IDLE_MS = 15_000;

/** Options of a request with the owner of its connection, so that tenants and plugins do not share any. */
interface OwnedOptions extends http.AgentOptions {
  readonly owner?: string;
}

/** Opens nothing before its first use. */
export function createNetwork(options: NetworkOptions = {}): Network {
  const isAllowed = compileOperatorAllowance(options.allow ?? []);
  const resolve = options.resolve ?? resolveAll;
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const { openStream } = options;

  function admitAddress(host: string, address: string, port: number | undefined): void {
    if (isPublicAddress(address) || isAllowed(host, port) || isAllowed(address, port)) return;
    throw new TendrilError('EGRESS_DENIED', { host, reason: 'the address is not public' });
  }

  /** The socket connects to the very addresses that were checked. */
  function lookupFor(port: number): LookupFunction {
    return (host, { all, family }, callback) => {
      resolve(host)
        .then((found) => {
          const addresses = found.filter(
            (entry) => family === undefined || family === 0 || `IPv${entry.family}` === `IPv${String(family).replace('IPv', '')}`,
          );
          const [first] = addresses;
          if (first === undefined) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
          for (const { address } of found) admitAddress(host, address, port);
          if (all === true) callback(null, [...addresses]);
          else callback(null, first.address, first.family);
        })
        .catch((error: unknown) => callback(error as Error, ''));
    };
  }

  /** Options of a connection with the lookup that checks. @throws TendrilError EGRESS_DENIED for a literal address that is not public */
  function checked<Options extends http.ClientRequestArgs>(wanted: Options): Options {
    const host = wanted.host ?? 'localhost';
    const port = Number(wanted.port);
    const address = literalAddress(host);
    if (address !== undefined) admitAddress(host, address, port);
    return { ...wanted, lookup: lookupFor(port) };
  }

  function openInstead(wanted: http.ClientRequestArgs, isSecure: boolean): Duplex | undefined {
    if (openStream === undefined) return undefined;
    const { host, port } = checked(wanted);
    return openStream({ host: host ?? 'localhost', port: Number(port), isSecure });
  }

  class OwnedHttpAgent extends http.Agent {
    override getName(named?: OwnedOptions): string {
      return `${named?.owner ?? ''}/${super.getName(named)}`;
    }

    override createConnection(...[wanted, callback]: Parameters<http.Agent['createConnection']>): Duplex | null | undefined {
      return outside(() => openInstead(wanted, false) ?? super.createConnection(checked(wanted), callback));
    }
  }

  class OwnedHttpsAgent extends https.Agent {
    override getName(named?: OwnedOptions): string {
      return `${named?.owner ?? ''}/${super.getName(named)}`;
    }

    override createConnection(...[wanted, callback]: Parameters<https.Agent['createConnection']>): Duplex | null | undefined {
      return outside(() => openInstead(wanted, true) ?? super.createConnection(checked(wanted), callback));
    }
  }

  const pools = {
    http: new OwnedHttpAgent({ keepAlive: true, timeout: IDLE_MS }),
    https: new OwnedHttpsAgent({ keepAlive: true, timeout: IDLE_MS }),
  };
  const dispatcher = new Agent({
    keepAliveTimeout: IDLE_MS,
    connect: (wanted, callback) => {
      const port = wanted.port === '' ? schemePort(wanted.protocol) : Number(wanted.port);
      const address = literalAddress(wanted.hostname);
      try {
        if (address !== undefined) admitAddress(wanted.hostname, address, port);
      } catch (error) {
        callback(error as Error, null);
        return;
      }
      if (openStream !== undefined) {
        // The pool uses what every stream has.
        const stream: unknown = openStream({ host: wanted.hostname, port, isSecure: wanted.protocol === 'https:' });
        callback(null, stream as Socket);
        return;
      }
      buildConnector({ timeout: connectTimeoutMs, lookup: lookupFor(port) })(wanted, callback);
    },
  });

  return {
    bodyLimitBytes: options.bodyLimitBytes ?? 10 * 1024 * 1024,
    dispatcher,
    pools,
    isAllowed,
    admitAddress,
    close: async () => {
      pools.http.destroy();
      pools.https.destroy();
      await dispatcher.destroy();
    },
  };
}

/** The port that a web URL without one means. */
export function schemePort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}

async function resolveAll(host: string): ReturnType<ResolveName> {
  const found = await outside(() => dns.promises.lookup(host, { all: true }));
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}
