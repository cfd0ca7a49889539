import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { SigningKey } from '@tendril/registry';
import { CommandFault, EXIT } from './failure.ts';

/**
 * Reads a signing key from a file; makes it first where that is asked for.
 *
 * @param options `isNew` makes the file, which must not be there
 * @throws TendrilError INPUT_INVALID when the file holds no key
 * @throws CommandFault when others may read the file, or it is there already
 */
export async function openSigningKey(file: string, { isNew = false }: { readonly isNew?: boolean } = {}): Promise<SigningKey> {
  const { createSigningKey, readSigningKey } = await import('@tendril/registry');
  if (isNew) {
    const { key, pem } = createSigningKey();
    writeNew(file, pem);
    return key;
  }
  const key = readSigningKey(readFileSync(file, 'utf8'), file);
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new CommandFault(`Others may read ${file}. \`chmod 600 ${file}\` keeps the key yours.`, EXIT.refused, 'KEY_EXPOSED');
  return key;
}

function writeNew(file: string, pem: string): void {
  try {
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
    chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CommandFault(`${file} is there already: leave out --new-key to use it, or name another file.`, EXIT.refused, 'KEY_EXISTS');
    throw error;
  }
}
