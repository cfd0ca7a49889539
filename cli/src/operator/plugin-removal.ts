import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { pipeline } from 'node:stream/promises';
import { TendrilError } from '@tendril/plugin-api';
import { CommandFault, EXIT } from '../failure.ts';
import { fetchHub, readAnswer } from '../hub-client.ts';
import type { HubClient } from '../hub-client.ts';
import { findHubPlugin, pluginPath } from './hub-plugin.ts';

/**
 * Writes what a plugin keeps for the tenant, a JSON object a line.
 *
 * @param file must not be there yet; `-` is standard output
 * @throws TendrilError as the hub answered it; the file system's error
 */
export async function exportData({ address }: HubClient, id: string, file: string): Promise<void> {
  const response = await fetchHub(address.url, pluginPath(id, '/data'), {
    headers: { authorization: `Bearer ${address.key}`, accept: 'application/x-ndjson' },
  });
  if (!response.ok || response.body === null) {
    await readAnswer(address.url, response, { key: address.keyOrigin });
    throw new CommandFault(`The hub gave no data of ${id}.`, EXIT.failed);
  }
  const rows = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  if (file === '-') for await (const chunk of rows) process.stdout.write(chunk as Uint8Array);
  else await pipeline(rows, createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }));
}

/** Deletes what a plugin keeps for the tenant. @throws TendrilError as the hub answered it */
export async function deleteData(hub: HubClient, id: string): Promise<void> {
  await hub.request('DELETE', pluginPath(id, '/data'));
}

/**
 * Stops the tenant's use of a plugin before it goes.
 *
 * @throws TendrilError PLUGIN_REQUIRED_BY while others need it
 */
export async function disableBefore(hub: HubClient, id: string): Promise<void> {
  const plugin = await findHubPlugin(hub, id);
  if (plugin?.isEnabled === true) await hub.request('POST', pluginPath(id, '/disable'));
}

/** @throws TendrilError PLUGIN_UNKNOWN saying what to do */
export function notInstalled(id: string): never {
  throw new TendrilError('PLUGIN_UNKNOWN', { plugin: id, remedy: '`tendril plugins list` shows those that are installed' });
}
