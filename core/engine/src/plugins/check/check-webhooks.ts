import type { Manifest } from '@tendril/schemas';
import { nearestName } from '../../nearest-name.ts';
import type { PluginSchemas } from '../contract.ts';
import { compileNamePatterns } from '../name-patterns.ts';
import { toPointer } from '../pointer.ts';

/** What a manifest says of its webhooks: secrets that a connection has, and events that it may add. */
export function checkWebhooks(
  { contributes, permissions }: Manifest,
  { connections }: PluginSchemas,
  report: (pointer: string, message: string, suggestion?: string) => void,
): void {
  const writable = permissions?.events?.write ?? [];
  const mayWrite = compileNamePatterns(writable);
  const fields = [...connections.values()].flatMap(({ schema }) => Object.keys(propertiesOf(schema)));
  const pushes = new Set(Object.values(contributes.triggers ?? {}).map(({ webhook }) => webhook));
  for (const [id, { event, secret, verify, header }] of Object.entries(contributes.webhooks ?? {})) {
    const at = toPointer('contributes', 'webhooks', id);
    if (header !== undefined && verify !== 'hmac_sha256') report(`${at}/header`, 'is for `hmac_sha256` only');
    if (secret !== undefined && !fields.includes(secret))
      report(`${at}/secret`, `names ${secret}, which no connection of this manifest has`, nearestName(secret, fields));
    if (event !== undefined && !pushes.has(id) && !mayWrite(event))
      report(`${at}/event`, 'is not among permissions.events.write', nearestName(event, writable));
  }
}

function propertiesOf(schema: unknown): object {
  const properties: unknown = typeof schema === 'object' && schema !== null && 'properties' in schema ? schema.properties : undefined;
  return typeof properties === 'object' && properties !== null ? properties : {};
}
