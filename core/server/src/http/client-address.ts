import type { IncomingMessage } from 'node:http';

/**
 * The network address of whoever asks. Each proxy adds the address it was asked from to `x-forwarded-for`; what stands
 * further left than our own proxies is the client's own word and not believed.
 *
 * @param proxyHops how many proxies of ours stand before the server
 */
export function clientAddress(req: IncomingMessage, proxyHops: number): string | undefined {
  const remote = req.socket.remoteAddress;
  const forwarded = req.headers['x-forwarded-for'];
  if (proxyHops === 0 || typeof forwarded !== 'string') return remote;
  const addresses = forwarded.split(',').map((address) => address.trim());
  return addresses[Math.max(0, addresses.length - proxyHops)] ?? remote;
}
