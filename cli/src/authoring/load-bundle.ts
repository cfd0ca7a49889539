import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideOwnPackages } from './own-packages.ts';

/**
 * Imports packed code into this process, with this program's copy of the contract.
 *
 * @throws what the module throws when it is evaluated
 */
export async function loadBundle(code: Uint8Array, id: string): Promise<{ readonly default?: unknown }> {
  provideOwnPackages();
  const folder = await mkdtemp(join(tmpdir(), `tendril-${id}-`));
  try {
    const file = join(folder, 'index.mjs');
    await writeFile(file, code);
    return (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
