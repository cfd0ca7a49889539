import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TendrilError } from '@tendril/plugin-api';
import { createWebFiles } from './web-files.ts';
import type { RegistryFiles } from './registry-files.ts';
import type { Fetch } from './web-files.ts';

/**
 * The files at an address: `https://…`, `http://` on this machine only, `file:///…`, or the absolute path of a folder.
 *
 * @throws TendrilError INPUT_INVALID for any other address
 */
export function openRegistryFiles(address: string, fetch: Fetch): RegistryFiles {
  if (isAbsolute(address)) return createFolderFiles(address);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'file:' && url.host === '') return createFolderFiles(fileURLToPath(url));
  if (url !== undefined && isAllowedWebAddress(url)) return createWebFiles(url, fetch, isAllowedWebAddress);
  throw new TendrilError('INPUT_INVALID', {
    address: url === undefined ? address : `${url.protocol}//${url.host}`,
    expected: 'an address of a registry: https://…, file:///…, http:// on this machine only, or the absolute path of a folder',
  });
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Over the network only with TLS: signatures keep files whole, but not secret what is asked for. */
function isAllowedWebAddress(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

function createFolderFiles(folder: string): RegistryFiles {
  return {
    async read(path, { mostBytes }) {
      const file = await openIfThere(join(folder, ...path.split('/')));
      if (file === undefined) return undefined;
      try {
        const stat = await file.stat();
        if (!stat.isFile()) return undefined;
        if (stat.size > mostBytes) throw tooLarge(path, mostBytes);
        const bytes = Buffer.alloc(stat.size);
        const { bytesRead } = await file.read(bytes, 0, stat.size, 0);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}

async function openIfThere(path: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw new TendrilError('REGISTRY_UNREACHABLE', { file: path, reason: code }, { cause: error });
  }
}

function tooLarge(file: string, mostBytes: number): TendrilError {
  return new TendrilError('REGISTRY_INVALID', { file, reason: `it is larger than ${mostBytes} bytes` });
}
