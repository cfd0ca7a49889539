import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The address of a registry as it is kept: a folder is named from here, but asked for from anywhere. */
export function toRegistryAddress(typed: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(typed);
  return !isUrl && existsSync(typed) ? resolve(typed) : typed;
}
