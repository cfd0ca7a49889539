import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service that takes no idempotency key and cannot be asked what it did. It outlives the hub: it runs in the test. */
export interface Book {
  readonly url: string;
  /** How many different lines there are, and how many were written more than once. */
  counts(): { readonly keys: number; readonly doubled: number };
  close(): Promise<void>;
}

/** Opens an empty book. */
export async function openBook(): Promise<Book> {
  const lines: string[] = [];
  const server = createServer((req, res) => {
    let line = '';
    req.on('data', (chunk: Buffer) => (line += chunk.toString()));
    req.on('end', () => {
      lines.push(line);
      res.end(String(lines.length));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lines`,
    counts() {
      const keys = new Set(lines).size;
      return { keys, doubled: lines.length - keys };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
