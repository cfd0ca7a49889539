import { TendrilError } from '@tendril/plugin-api';
import type { RunningCall } from './running-call.ts';

/** `call.folder()`. @throws TendrilError PERMISSION_DENIED without `blobs`, where the hub keeps no files, in a process of its own */
export async function openFolder(call: RunningCall): Promise<string> {
  const { run, environment } = call;
  const { plugin, tenant } = run;
  const isAllowed = plugin.manifest.permissions?.storage?.includes('blobs') === true && plugin.runsIn === 'process';
  if (!isAllowed) throw call.refused('member', 'folder');
  if (environment.openFolder === undefined)
    throw new TendrilError('PERMISSION_DENIED', { plugin: plugin.id, reason: 'this hub keeps no files' });
  return environment.openFolder(tenant.tenant.id, plugin.id);
}
