import { TendrilError } from '@tendril/plugin-api';
import { CommandFault, EXIT } from '../failure.ts';
import { changeLock } from './plugin-home.ts';
import type { PluginHome } from './plugin-home.ts';

/**
 * Makes the version before the last upgrade the installed one again; a second time goes forward.
 *
 * @throws CommandFault when there is none, or its files are not there as they were
 */
export async function rollBack(place: PluginHome, id: string): Promise<{ readonly from: string; readonly to: string }> {
  const { toPrevious, verifyInstalled, withPlugin } = await import('@tendril/registry');
  let versions = { from: '', to: '' };
  await changeLock(place, async (lock) => {
    const pinned = lock.plugins[id];
    if (pinned === undefined) throw new TendrilError('PLUGIN_UNKNOWN', { plugin: id });
    const { previous } = pinned;
    if (previous === undefined)
      throw new CommandFault(
        `${id} ${pinned.version} was not upgraded here: there is no version to go back to.`,
        EXIT.refused,
        'NO_PREVIOUS_VERSION',
      );
    const fault = await verifyInstalled(place.plugins, id, previous);
    if (fault !== undefined)
      throw new CommandFault(`${id} cannot go back to ${previous.version}: ${fault.message}.`, EXIT.refused, 'PACKAGE_INTEGRITY');
    const next = toPrevious(pinned);
    versions = { from: pinned.version, to: previous.version };
    return withPlugin(lock, id, { ...previous, ...(next === undefined ? {} : { previous: next }) });
  });
  return versions;
}
