import { once } from 'node:events';
import type { Response } from 'express';
import type { PluginDatum } from '@tendril/engine';

/** Writes what a plugin keeps, one JSON document a line, as fast as the reader takes it. @param onFault told of what went wrong after the answer had begun */
export async function writePluginData(res: Response, data: AsyncIterable<PluginDatum>, onFault: (failure: unknown) => void): Promise<void> {
  const items = data[Symbol.asyncIterator]();
  // The first one before the headers, so that what cannot be read at all is answered as an error.
  let next = await items.next();
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  res.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  try {
    while (next.done !== true && !gone.signal.aborted) {
      if (!res.write(`${JSON.stringify(shown(next.value))}\n`)) await once(res, 'drain', { signal: gone.signal });
      next = await items.next();
    }
    res.end();
  } catch (failure) {
    if (!gone.signal.aborted) onFault(failure);
    // A file that ends too early must not look whole.
    res.destroy();
  }
}

function shown(datum: PluginDatum): object {
  if ('table' in datum || datum.expiresAt === undefined) return datum;
  return { ...datum, expiresAt: new Date(datum.expiresAt).toISOString() };
}
