import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '@tendril/plugin-api';
import type { DefinitionsRow, Settings } from '../gen/manifest.gen.ts';

/** How long a caller waits until a fact shows, in milliseconds: it usually does at once. */
const PAUSES_MS = [5, 10, 20, 40, 80, 160, 320];

/** Waits a little until the consumer has come to a definition. @returns whether it has */
export async function awaitDefinition(
  id: string,
  isDone: (definition: DefinitionsRow | undefined) => boolean,
  call: Call<Settings>,
): Promise<boolean> {
  for (const ms of PAUSES_MS) {
    if (isDone((await call.table<DefinitionsRow>('definitions').get(id))?.value)) return true;
    await pause(ms, undefined, { signal: call.signal });
  }
  return false;
}
