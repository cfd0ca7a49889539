import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TendrilError } from '@tendril/plugin-api';

/** A server that listens. */
export interface Listening {
  /** As `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Stops taking connections, lets open requests end, and cuts what is still open after the grace. Safe to call twice. */
  close(graceMs?: number): Promise<void>;
}

// A request that takes longer to arrive is a broken or hostile sender; streams are answers and not meant.
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 30_000;
const GRACE_MS = 10_000;

/**
 * Listens. Port 0 picks a free one.
 *
 * @throws TendrilError CONFIG_INVALID when the address is taken or not ours to take
 */
export async function listen(listener: RequestListener, port: number, host: string): Promise<Listening> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    listener,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new TendrilError('CONFIG_INVALID', { setting: 'PORT', port, host, reason: 'code' in cause ? cause.code : 'unknown' }, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  let closing: Promise<void> | undefined;
  return { url: urlOf(server, host), close: (graceMs = GRACE_MS) => (closing ??= closeWithin(server, graceMs)) };
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const isWildcard = host === '0.0.0.0' || host === '::';
  const name = isWildcard ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${String(port)}`;
}

function closeWithin(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close((failure) => {
      clearTimeout(deadline);
      if (failure === undefined) resolve();
      else reject(failure);
    });
    server.closeIdleConnections();
  });
}
