import { TendrilError } from '@tendril/plugin-api';
import type { RegistryRoot } from '@tendril/schemas';
import { readRoot } from '../client/read-signed.ts';
import { rootProblem } from '../signing/root.ts';
import { isSame } from './check-history.ts';
import type { RegistryFault } from './registry-fault.ts';
import type { RegistryFolder } from './registry-folder.ts';

/**
 * Reads the chain of roots of a folder, oldest first, and reports what does not hold.
 *
 * @param base roots that are published: they stay as they are
 */
export function checkRoots(
  roots: RegistryFolder['roots'],
  base: RegistryFolder['roots'],
  faults: RegistryFault[],
): readonly RegistryRoot[] {
  const chain: RegistryRoot[] = [];
  for (const [version, text] of roots) {
    const file = `${version}.root.json`;
    const root = readOrReport(text, file, faults);
    if (root === undefined) continue;
    const previous = chain.at(-1);
    const wrongPlace = root.signed.version !== version || version !== (previous?.signed.version ?? 0) + 1;
    const problem = wrongPlace ? 'the versions of roots are 1, 2, 3, …, as in their names' : rootProblem(root, previous);
    if (problem !== undefined) faults.push({ file, pointer: '', message: problem, remedy: '`tendril registry root` signs and rotates' });
    chain.push(root);
  }
  for (const [version, text] of base)
    if (!isSameText(roots.get(version), text))
      faults.push({ file: `${version}.root.json`, pointer: '', message: 'a published root was changed or removed', remedy: 'put it back' });
  return chain;
}

function readOrReport(text: string, file: string, faults: RegistryFault[]): RegistryRoot | undefined {
  try {
    return readRoot(Buffer.from(text), file);
  } catch (error) {
    if (!TendrilError.is(error)) throw error;
    faults.push({ file, pointer: '', message: `is no root: ${JSON.stringify(error.details)}` });
    return undefined;
  }
}

/** Whether two texts are the same JSON; a build writes it more tightly. */
function isSameText(one: string | undefined, other: string): boolean {
  if (one === other) return true;
  try {
    return isSame(JSON.parse(one ?? ''), JSON.parse(other));
  } catch {
    return false;
  }
}
