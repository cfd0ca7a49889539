import type { JsonObject } from '@tendril/plugin-api';
import { CommandFault, EXIT } from '../failure.ts';
import { readJsonObject } from '../input.ts';

/** What a manifest asks for, or an operator gives. */
export type Permissions = JsonObject;

/**
 * Reads what plugins may ask for, or be granted, at most: an object as a manifest's `permissions`.
 *
 * @param given a file, `-` for standard input, or JSON that begins with `{`
 * @param origin what to call it, such as `--grant`
 * @throws CommandFault when it is none
 */
export async function readPermissions(given: string, origin: string): Promise<Permissions> {
  const permissions = readJsonObject(given, origin);
  const { grantProblems } = await import('@tendril/registry');
  const [problem] = grantProblems(permissions);
  if (problem !== undefined)
    throw new CommandFault(
      `${origin}: ${problem.pointer === '' ? 'the whole' : problem.pointer} ${problem.message}. It is written as \`permissions\` of a manifest, such as {"hosts": ["api.acme.example"]}.`,
      EXIT.commandLine,
    );
  return permissions as Permissions;
}

/**
 * Refuses a plugin that asks for more than the allow-list of an unattended installation.
 *
 * @throws CommandFault naming what is too much
 */
export async function refuseBeyond(id: string, asked: Permissions | undefined, allowed: Permissions): Promise<void> {
  const { diffPermissions } = await import('@tendril/engine/plugins');
  const { added } = diffPermissions(allowed, asked);
  if (added.length > 0)
    throw new CommandFault(
      [`${id} asks for more than the allow-list allows:`, ...added.map((line) => `  ${line}`), 'Add it to the list if it may.'].join('\n'),
      EXIT.refused,
      'PERMISSIONS_BEYOND_ALLOWED',
    );
}
