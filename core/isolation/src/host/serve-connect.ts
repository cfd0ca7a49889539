import type http from 'node:http';
import type { Duplex } from 'node:stream';
import { TendrilError } from '@tendril/plugin-api';
import type { IncomingBytes, OutgoingBytes } from '../protocol/byte-streams.ts';
import { AskedInput } from './asked-input.ts';
import type { OpenCall } from './open-call.ts';
import type { CallStreams } from './serve-fetch.ts';

const MOST_TUNNELS = 64;

/** Opens a connection for a plugin's process, through the agent of the real call: the broker checks host and address. */
export async function serveConnect(open: OpenCall, input: AskedInput, { streams, claim }: CallStreams): Promise<void> {
  const wanted = input.object(0);
  const host = new AskedInput([wanted['host']]).text(0);
  const port = new AskedInput([wanted['port']]).number(0);
  if (open.closing.size >= MOST_TUNNELS)
    throw new TendrilError('PLUGIN_LIMIT_EXCEEDED', { reason: 'too many connections', most: MOST_TUNNELS });
  const { incoming, outgoing } = streams.open(claim(open, wanted['stream']));
  const socket = await connected(open, { host, port, ...tlsOptions(wanted['tls']) }, wanted['tls'] !== undefined);
  const stop = (error: unknown): void => {
    outgoing.close(error);
    incoming.close(error);
    socket.destroy();
  };
  open.closing.add(stop);
  socket.once('close', () => open.closing.delete(stop));
  void toPlugin(socket, outgoing);
  void toSocket(incoming, socket);
}

type Wanted = http.ClientRequestArgs & { readonly host: string; readonly port: number };

async function connected(open: OpenCall, wanted: Wanted, isSecure: boolean): Promise<Duplex> {
  const { http: plain, https: secure } = open.call.agent;
  // Real agents of Node at run time, as the contract says.
  const socket = ((isSecure ? secure : plain) as unknown as http.Agent).createConnection(wanted);
  if (socket === null || socket === undefined) throw new TendrilError('UPSTREAM_UNAVAILABLE', { host: wanted.host });
  if (!('connecting' in socket) || socket.connecting !== true) return socket;
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const abandon = (error: unknown): void => {
    socket.destroy();
    reject(error);
  };
  open.closing.add(abandon);
  socket.once(isSecure ? 'secureConnect' : 'connect', () => resolve(socket));
  socket.once('error', reject);
  try {
    return await promise;
  } finally {
    open.closing.delete(abandon);
    socket.off('error', reject);
  }
}

/** What a client may say about TLS, as its options name it. */
function tlsOptions(tls: unknown): object {
  if (tls === undefined) return {};
  const wanted = new AskedInput([tls]).object(0);
  const texts = ['servername', 'ca', 'cert', 'key', 'passphrase'].filter((name) => typeof wanted[name] === 'string');
  return {
    ...Object.fromEntries(texts.map((name) => [name, wanted[name]])),
    ...(wanted['rejectUnauthorized'] === false && { rejectUnauthorized: false }),
  };
}

async function toPlugin(socket: Duplex, outgoing: OutgoingBytes): Promise<void> {
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) await outgoing.write(chunk);
    outgoing.end();
  } catch (error) {
    outgoing.fail(error);
    socket.destroy();
  }
}

async function toSocket(incoming: IncomingBytes, socket: Duplex): Promise<void> {
  try {
    for (let piece = await incoming.read(); piece !== undefined; piece = await incoming.read()) {
      if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
      if (socket.destroyed) return;
    }
    socket.end();
  } catch {
    socket.destroy();
  }
}
