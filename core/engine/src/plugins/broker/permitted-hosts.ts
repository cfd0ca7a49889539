import type { Json, JsonObject } from '@tendril/plugin-api';
import type { HostPattern } from '@tendril/schemas';
import { valueAt } from '../pointer.ts';
import { literalAddress } from './addresses.ts';

/** One place that may be reached. Without `ports` any port counts. */
interface Place {
  readonly host: string;
  readonly isBelow: boolean;
  readonly ports: readonly number[] | undefined;
}

// A name that a manifest gives without a port is a web service.
const HTTP_PORT = 80;
const WEB_PORTS: readonly number[] = [443, HTTP_PORT];

/** What a call knows when its places are asked for. */
export interface ReachContext {
  readonly connection: JsonObject | undefined;
  readonly input: Json | undefined;
}

/** The hosts of a manifest's permissions; made once per plugin. */
export interface PermittedHosts {
  /** @returns whether `host:port` may be reached, and whether credentials of the connection may go there */
  find(host: string, port: number | undefined, context: ReachContext): { readonly mayHoldCredentials: boolean } | undefined;
}

/** Compiles the `permissions.hosts` of a manifest. */
export function compilePermittedHosts(patterns: readonly HostPattern[]): PermittedHosts {
  const fixed: Place[] = [];
  const connectionFields: string[] = [];
  const inputFields: string[] = [];
  for (const pattern of patterns) {
    if (typeof pattern === 'string') fixed.push(fixedPlace(pattern));
    else if ('connectionField' in pattern) connectionFields.push(pattern.connectionField);
    else inputFields.push(pattern.inputField);
  }
  return {
    find: (host, port, { connection, input }) => {
      const name = normalHost(host);
      const isThere = (place: Place | undefined): boolean => place !== undefined && matches(place, name, port);
      const isPermitted = fixed.some(isThere);
      // Where nobody wrote the port of http, nothing secret goes over a line that anybody may read.
      if (isPermitted && (port !== HTTP_PORT || fixed.some((place) => place.ports !== WEB_PORTS && isThere(place))))
        return { mayHoldCredentials: true };
      if (connectionFields.some((field) => isThere(placeOf(connection?.[field])))) return { mayHoldCredentials: true };
      if (isPermitted) return { mayHoldCredentials: false };
      return inputFields.some((pointer) => isThere(placeOf(valueAt(input, pointer)))) ? { mayHoldCredentials: false } : undefined;
    },
  };
}

/** Lower case, without brackets or the root's dot; literals in their usual form. */
export function normalHost(host: string): string {
  return literalAddress(host) ?? host.toLowerCase().replace(/\.$/, '');
}

function matches(place: Place, host: string, port: number | undefined): boolean {
  if (place.isBelow ? !host.endsWith(`.${place.host}`) : host !== place.host) return false;
  return port === undefined || place.ports === undefined || place.ports.includes(port);
}

function fixedPlace(pattern: string): Place {
  const isBelow = pattern.startsWith('*.');
  const [host = '', port] = (isBelow ? pattern.slice(2) : pattern).split(':');
  return { host: normalHost(host), isBelow, ports: port === undefined ? WEB_PORTS : [Number(port)] };
}

/** The place of a URL (`https://x.example`), of `host:port`, or of a bare host, whose port is open. */
function placeOf(value: unknown): Place | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const hasScheme = value.includes('://');
  const url = URL.parse(hasScheme ? value : `tcp://${value}`);
  if (url === null || url.hostname === '') return undefined;
  return { host: normalHost(url.hostname), isBelow: false, ports: portsOf(url) };
}

function portsOf(url: URL): readonly number[] | undefined {
  if (url.port !== '') return [Number(url.port)];
  if (url.protocol === 'https:') return [443];
  return url.protocol === 'http:' ? [80] : undefined;
}

/** The operator's list of `host:port` (or `host`) that may be reached although their addresses are private. */
export function compileOperatorAllowance(allow: readonly string[]): (host: string, port: number | undefined) => boolean {
  const places = allow.map(placeOf).filter((place) => place !== undefined);
  return (host, port) => {
    const name = normalHost(host);
    return places.some((place) => matches(place, name, port));
  };
}
