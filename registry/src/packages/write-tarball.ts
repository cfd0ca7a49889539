import { gzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';
import { checkEntryPath, TakenPaths } from './entry-path.ts';
import { PACKAGE_LIMITS } from './package-limits.ts';
import type { PackageFiles } from './read-tarball.ts';

const BLOCK_BYTES = 512;
// npm's own, so that equal content gives equal bytes on every day.
const WRITTEN_AT = new Date('1985-10-26T08:15:00.000Z');

/**
 * Packs files as npm does, below `package/`. The same files give the same bytes, in whatever order they come.
 *
 * @throws TendrilError PACKAGE_INVALID when `readTarball` would refuse a path
 */
export function writeTarball(files: PackageFiles): Buffer {
  const taken = new TakenPaths();
  const blocks: Buffer[] = [];
  for (const path of [...files.keys()].toSorted()) {
    checkEntryPath(path, PACKAGE_LIMITS);
    taken.take(path);
    const content = files.get(path) ?? Buffer.alloc(0);
    blocks.push(...entry(`package/${path}`, content));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]), { level: 9 });
}

function entry(path: string, content: Buffer): readonly Buffer[] {
  const data = { path, size: content.length, mode: 0o644, mtime: WRITTEN_AT, type: 'File' as const };
  const header = new Header(data);
  const needsExtension = header.encode();
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return [
    ...(needsExtension ? [new Pax({ path, size: content.length }).encode()] : []),
    header.block ?? Buffer.alloc(BLOCK_BYTES),
    content,
    padding,
  ];
}
