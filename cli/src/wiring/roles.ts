import type { HubRole } from '@tendril/engine';
import type { WorkRole } from '@tendril/engine/ports';
import { TendrilError } from '@tendril/plugin-api';

const ROLES: readonly HubRole[] = ['api', 'worker', 'scheduler', 'analytics'];

/** What a process that shares its data with none has to do. */
const ALONE: readonly HubRole[] = ['api', 'worker', 'scheduler'];

/**
 * Reads what this process is for. `all` is each role, and what it is unless told.
 *
 * @param words of `--role`, or of TENDRIL_ROLE; several may stand in one, with commas between them
 * @throws TendrilError CONFIG_INVALID when a role is unknown, or when one process alone has to do everything
 */
export function readRoles(words: readonly string[], hasServer: boolean): readonly HubRole[] {
  const named = words
    .flatMap((word) => word.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const unknown = named.find((name) => name !== 'all' && !ROLES.some((role) => role === name));
  if (unknown !== undefined)
    throw new TendrilError('CONFIG_INVALID', { setting: 'TENDRIL_ROLE', expected: `all, or some of ${ROLES.join(', ')}`, given: unknown });
  const roles = named.length === 0 || named.includes('all') ? ROLES : ROLES.filter((role) => named.includes(role));
  if (!hasServer && ALONE.some((role) => !roles.includes(role)))
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_ROLE',
      expected: 'all: the data lies in files, which one process owns. Several processes share a server: set DATABASE_URL',
    });
  return roles;
}

/** Those that take work. */
export function workRoles(roles: readonly HubRole[]): readonly WorkRole[] {
  return roles.filter((role): role is WorkRole => role === 'worker' || role === 'scheduler');
}
