import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TendrilError } from '@tendril/plugin-api';

/**
 * Holds back pages of other sites that have their own name lead to this machine (DNS rebinding): to the browser they are
 * the same site then, and may read what is answered without a key. Such a request comes over the loopback interface under
 * a name that is not ours.
 *
 * Behind a proxy of ours the name is the proxy's to check.
 *
 * @throws TendrilError ORIGIN_REFUSED
 */
export function requireKnownHost(req: IncomingMessage, ours: { readonly publicUrl: string | undefined; readonly proxyHops: number }): void {
  const { host } = req.headers;
  if (host === undefined || ours.proxyHops > 0 || !isLoopback(req.socket.localAddress)) return;
  if (ours.publicUrl !== undefined && new URL(ours.publicUrl).host === host.toLowerCase()) return;
  if (!isOwnName(host))
    throw new TendrilError('ORIGIN_REFUSED', { host, expected: 'localhost, an address, or the host of TENDRIL_PUBLIC_URL' });
}

function isOwnName(host: string): boolean {
  const [, address, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d+)?$/i.exec(host.toLowerCase()) ?? [];
  if (name === undefined) return address !== undefined;
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}
