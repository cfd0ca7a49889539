import { TendrilError } from '@tendril/plugin-api';
import { createHubClient, HubUnreachable } from '../hub-client.ts';
import type { HubClient } from '../hub-client.ts';
import { isAlive, readJson } from '../home.ts';
import type { LocalKeys, RunningHub } from '../home.ts';
import type { PluginHome } from './plugin-home.ts';

/** How a running hub took the plugins that lie there now. */
export interface Reloaded {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly faults: readonly { readonly plugin: string; readonly message: string; readonly pointer?: string }[];
}

/** What became of a change of the installed plugins. */
export interface Taken {
  /** `undefined` where no hub runs on this data folder, or it could not be asked. */
  readonly reloaded?: Reloaded;
  /** Whether a hub on this data folder goes on with what was installed before. */
  readonly isBehind: boolean;
  /** For the operator. */
  readonly says: string;
}

/** A client of the hub that runs on this data folder, whatever the environment names; `undefined` when none runs or no key is at hand. */
export function localHub({ home }: PluginHome, environment: Readonly<Record<string, string | undefined>>): HubClient | undefined {
  const running = readJson<RunningHub>(home.hubFile);
  if (running?.url === undefined || !isAlive(running.pid)) return undefined;
  const key = environment['TENDRIL_KEY'] ?? readJson<LocalKeys>(home.localFile)?.secretKey;
  return key === undefined
    ? undefined
    : createHubClient({ url: running.url, key, keyOrigin: environment['TENDRIL_KEY'] === undefined ? home.localFile : 'TENDRIL_KEY' });
}

/** Tells the hub that runs on this data folder to take the plugins anew; where none runs, the next start does. */
export async function reloadHub(place: PluginHome, environment: Readonly<Record<string, string | undefined>>): Promise<Taken> {
  const running = readJson<RunningHub>(place.home.hubFile);
  if (running === undefined || !isAlive(running.pid))
    return { isBehind: false, says: 'No hub runs on this data folder: it is loaded at the next start.' };
  const hub = localHub(place, environment);
  if (hub === undefined)
    return {
      isBehind: true,
      says: 'A hub runs, but no key for it is at hand (TENDRIL_KEY): it loads the change at its next start, or by POST /v1/plugins/reload.',
    };
  try {
    const reloaded = await hub.request<Reloaded>('POST', '/v1/plugins/reload');
    // What is faulty stays in the version before.
    return { reloaded, isBehind: reloaded.faults.length > 0, says: `The hub at ${hub.address.url} has taken the change.` };
  } catch (error) {
    if (!(error instanceof HubUnreachable) && !TendrilError.is(error)) throw error;
    return { isBehind: true, says: `The hub at ${hub.address.url} did not take the change (${error.message}): it does at its next start.` };
  }
}
