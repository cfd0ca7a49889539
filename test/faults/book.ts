import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service that cannot be asked what it did. It takes an idempotency key where there is one. It outlives the hub: it runs in the test. */
export interface Book {
  readonly url: string;
  /** How many different lines were written without a key, and how many of them more than once. */
  counts(): { readonly keys: number; readonly doubled: number };
  /** Lines that were written under a key, each key's once, in their order. */
  notes(): readonly string[];
  close(): Promise<void>;
}

/** Opens an empty book. */
export async function openBook(): Promise<Book> {
  const lines: string[] = [];
  const notes = new Map<string, string>();
  const server = createServer((req, res) => {
    let line = '';
    req.on('data', (chunk: Buffer) => (line += chunk.toString()));
    req.on('end', () => {
      const key = req.headers['idempotency-key'];
      if (typeof key !== 'string') lines.push(line);
      else if (!notes.has(key)) notes.set(key, line);
      res.end(String(lines.length + notes.size));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lines`,
    counts() {
      const keys = new Set(lines).size;
      return { keys, doubled: lines.length - keys };
    },
    notes: () => [...notes.values()],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
