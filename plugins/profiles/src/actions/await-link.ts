import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '@tendril/plugin-api';
import type { LinksRow, Settings } from '../gen/manifest.gen.ts';

/** How long a caller waits for people to be up to date, in milliseconds: they usually are at once. */
const PAUSES_MS = [5, 10, 20, 40, 80, 160, 320, 640];

/** Waits a little until the projection has come to a link. @returns undefined when it has not by then */
export async function awaitLink(id: string, isDone: (link: LinksRow) => boolean, call: Call<Settings>): Promise<LinksRow | undefined> {
  for (const ms of PAUSES_MS) {
    const row = await call.table<LinksRow>('links').get(id);
    if (row !== undefined && isDone(row.value)) return row.value;
    await pause(ms, undefined, { signal: call.signal });
  }
  return undefined;
}
