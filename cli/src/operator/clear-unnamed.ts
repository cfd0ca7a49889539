import { CommandFault, EXIT } from '../failure.ts';
import { changeLock } from './plugin-home.ts';
import type { PluginHome } from './plugin-home.ts';

/** Removes installed versions that the lock does not name any more. While another command is at it, that is left to the next. */
export async function clearUnnamed(place: PluginHome): Promise<void> {
  const { removeUnnamed } = await import('@tendril/registry');
  try {
    // By the lock as it is now, and in turn: another command may just have put a version there.
    await changeLock(place, async (lock) => {
      await removeUnnamed(place.plugins, lock);
      return undefined;
    });
  } catch (error) {
    if (!(error instanceof CommandFault) || error.exit !== EXIT.tryAgain) throw error;
  }
}
