import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a server that can be blocked, as a network would. */
export interface TcpProxy {
  readonly port: number;
  /** Nothing passes any more, and nobody is told: sockets stay open. */
  block(): void;
  /** What was blocked is cut off; new connections pass. */
  unblock(): void;
  close(): Promise<void>;
}

/** Listens on a free port of this machine and passes everything on. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isBlocked = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (isBlocked) socket.pause();
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (isBlocked) return;
    const outgoing = connect(targetPort, '127.0.0.1');
    keep(outgoing);
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => {
        if (!isBlocked) to.write(chunk);
      });
      from.on('close', () => to.destroy());
    };
    pass(incoming, outgoing);
    pass(outgoing, incoming);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    block() {
      isBlocked = true;
    },
    unblock() {
      isBlocked = false;
      cutAll();
    },
    async close() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
