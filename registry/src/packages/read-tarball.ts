import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Header } from 'tar';
import { checkEntryPath, TakenPaths } from './entry-path.ts';
import { gunzipOnly } from './gunzip.ts';
import { packageInvalid } from './package-fault.ts';
import { PACKAGE_LIMITS } from './package-limits.ts';
import type { PackageLimits } from './package-limits.ts';

/** Content of files by their paths inside the package, with `/` between folders. */
export type PackageFiles = ReadonlyMap<string, Buffer>;

/** A tarball that was read and holds nothing that it must not. */
export interface Tarball {
  readonly files: PackageFiles;
  /** `sha512-` and base64, over the bytes as they came; as npm writes it. */
  readonly integrity: string;
  readonly sizeBytes: number;
}

const BLOCK_BYTES = 512;
// Header, extended header and padding of a file; with some to spare, so that the count of files is what is told.
const OVERHEAD_BYTES = 3 * BLOCK_BYTES;

/**
 * Reads a package into memory. Nothing is written, no link is followed, rights and owners are not looked at. Every path is
 * without the one folder at the top that all files lie in.
 *
 * @param given the tarball, or where it lies
 * @throws TendrilError PACKAGE_INVALID when it is none, damaged, too large, or holds anything but files with plain paths
 * @throws the file system's error
 */
export async function readTarball(given: Uint8Array | string, limits: PackageLimits = PACKAGE_LIMITS): Promise<Tarball> {
  const bytes = typeof given === 'string' ? await readAtMost(given, limits) : Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length > limits.compressedBytes) throw tooLarge(limits);
  const archive = await gunzipOnly(bytes, limits.unpackedBytes + (limits.files + 10) * OVERHEAD_BYTES);
  return { files: readArchive(archive, limits), integrity: integrityOf(bytes), sizeBytes: bytes.length };
}

/** What pins these bytes: `sha512-` and base64. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

async function readAtMost(path: string, limits: PackageLimits): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw packageInvalid({ reason: 'it is no file', path });
    if (stat.size > limits.compressedBytes) throw tooLarge(limits);
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(bytes, 0, stat.size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function tooLarge({ compressedBytes }: PackageLimits): Error {
  return packageInvalid({ reason: `it is larger than ${compressedBytes} bytes` });
}

/** What an entry of type `x` or `L` says of the one behind it. */
interface Extension {
  readonly path?: string;
  readonly sizeBytes?: number;
}

/** @see POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format", read 2026-11-22 */
function readArchive(archive: Buffer, limits: PackageLimits): PackageFiles {
  const files = new Map<string, Buffer>();
  const taken = new TakenPaths();
  const tops = new Set<string>();
  let extension: Extension = {};
  let unpackedBytes = 0;
  let entries = 0;
  let at = 0;
  for (;;) {
    const block = archive.subarray(at, at + BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw packageInvalid({ reason: 'the archive has no end: it is cut off' });
    if (isZero(block)) break;
    const header = readHeader(block);
    const type = String.fromCharCode(block[156] ?? 0);
    const sizeBytes = extension.sizeBytes ?? header.sizeBytes;
    const path = extension.path ?? header.path;
    const content = archive.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + sizeBytes);
    if (content.length < sizeBytes) throw packageInvalid({ reason: 'a file is cut off', path });
    at += BLOCK_BYTES + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    entries += 1;
    // Twice, because of long names, which come as entries of their own.
    if (entries > limits.files * 2) throw packageInvalid({ reason: `it holds more than ${limits.files} files` });
    if (type === 'g') continue;
    if (type === 'x' || type === 'L') {
      extension = {
        ...extension,
        ...(type === 'x' ? readExtension(content) : { path: textOf(content.subarray(0, content.indexOf(0) >>> 0)) }),
      };
      continue;
    }
    extension = {};
    const isFolder = type === '5' || ((type === '0' || type === '\0') && path.endsWith('/'));
    if (!isFolder && type !== '0' && type !== '\0') throw packageInvalid({ reason: kindOf(type), path });
    if (isFolder && sizeBytes > 0) throw packageInvalid({ reason: 'a folder has content', path });
    const inside = withoutTop(isFolder ? path.replace(/\/$/, '') : path, tops, limits);
    if (isFolder) continue;
    if (inside === undefined) throw packageInvalid({ reason: 'a file lies beside the one folder that a package consists of', path });
    if (sizeBytes > limits.fileBytes) throw packageInvalid({ reason: `a file is larger than ${limits.fileBytes} bytes`, path: inside });
    unpackedBytes += sizeBytes;
    if (unpackedBytes > limits.unpackedBytes) throw packageInvalid({ reason: `it unpacks to more than ${limits.unpackedBytes} bytes` });
    if (files.size >= limits.files) throw packageInvalid({ reason: `it holds more than ${limits.files} files` });
    taken.take(inside);
    // A copy: the archive as a whole need not stay in memory for one file of it.
    files.set(inside, Buffer.from(content));
  }
  if (!isZero(archive.subarray(at))) throw packageInvalid({ reason: 'something stands behind the end of the archive' });
  if (files.size === 0) throw packageInvalid({ reason: 'it is empty' });
  return files;
}

function readHeader(block: Buffer): { readonly path: string; readonly sizeBytes: number } {
  if (block.subarray(257, 262).toString('latin1') !== 'ustar')
    throw packageInvalid({ reason: 'it is no tar archive', remedy: 'a plugin is packed by `tendril plugins pack`' });
  const header = decode(block);
  if (!header.cksumValid) throw packageInvalid({ reason: 'an entry has a wrong checksum' });
  const { path = '', size = 0 } = header;
  if (!Number.isSafeInteger(size) || size < 0) throw packageInvalid({ reason: 'an entry has no valid size', path });
  return { path, sizeBytes: size };
}

function decode(block: Buffer): Header {
  try {
    return new Header(block);
  } catch (error) {
    throw packageInvalid({ reason: 'an entry is not valid' }, error);
  }
}

/** Records `length name=value\n`, of which the name and the size of the next entry count. */
function readExtension(content: Buffer): Extension {
  let found: Extension = {};
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const digits = space < 0 ? '' : content.subarray(at, space).toString('latin1');
    const length = /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : NaN;
    const record = content.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (!(at + length <= content.length) || content[at + length - 1] !== 0x0a || equals < 1)
      throw packageInvalid({ reason: 'an extended header is not valid' });
    const name = record.subarray(0, equals).toString('latin1');
    const value = record.subarray(equals + 1);
    if (name === 'path') found = { ...found, path: textOf(value) };
    else if (name === 'size') found = { ...found, sizeBytes: sizeIn(value) };
    else if (name === 'linkpath' || name.startsWith('GNU.sparse')) throw packageInvalid({ reason: 'it holds a link or a file with holes' });
    at += length;
  }
  return found;
}

function sizeIn(value: Buffer): number {
  const text = value.toString('latin1');
  if (!/^\d{1,15}$/.test(text)) throw packageInvalid({ reason: 'an extended header is not valid' });
  return Number(text);
}

function textOf(value: Buffer): string {
  return value.toString('utf8');
}

function withoutTop(path: string, tops: Set<string>, limits: PackageLimits): string | undefined {
  checkEntryPath(path, { ...limits, depth: limits.depth + 1 });
  const slash = path.indexOf('/');
  tops.add(slash < 0 ? path : path.slice(0, slash));
  if (tops.size > 1) throw packageInvalid({ reason: 'not all files lie in one folder, as a package has them', path });
  return slash < 0 ? undefined : path.slice(slash + 1);
}

const KINDS: Readonly<Record<string, string>> = {
  1: 'it holds a hard link',
  2: 'it holds a symbolic link',
  3: 'it holds a device',
  4: 'it holds a device',
  6: 'it holds a named pipe',
  K: 'it holds a link',
  S: 'it holds a file with holes',
};

function kindOf(type: string): string {
  return KINDS[type] ?? 'it holds something else than files and folders';
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
