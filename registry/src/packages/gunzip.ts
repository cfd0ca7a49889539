import { once } from 'node:events';
import { crc32, createInflateRaw } from 'node:zlib';
import { TendrilError } from '@tendril/plugin-api';
import { packageInvalid } from './package-fault.ts';

const CHUNK_BYTES = 65_536;
const TRAILER_BYTES = 8;
const FLAG = { checksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

/**
 * Unpacks one member of gzip and nothing behind it: what else there is would be read by some programs and not by others.
 *
 * @param mostBytes it stops as soon as there is more
 * @see RFC 1952, read 2026-11-22
 * @throws TendrilError PACKAGE_INVALID
 */
export async function gunzipOnly(bytes: Buffer, mostBytes: number): Promise<Buffer> {
  const start = endOfHeader(bytes);
  const { content, endsAt } = await inflate(bytes, start, mostBytes);
  if (bytes.length < endsAt + TRAILER_BYTES) throw packageInvalid({ reason: 'it is cut off' });
  if (bytes.length > endsAt + TRAILER_BYTES) throw packageInvalid({ reason: 'something stands behind the end of the archive' });
  if (bytes.readUInt32LE(endsAt) !== crc32(content) || bytes.readUInt32LE(endsAt + 4) !== content.length % 2 ** 32)
    throw packageInvalid({ reason: 'its checksum is wrong: it was damaged on the way' });
  return content;
}

function endOfHeader(bytes: Buffer): number {
  if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8)
    throw packageInvalid({ reason: 'it is no gzip file', remedy: 'a plugin is packed by `tendril plugins pack`' });
  const flags = bytes[3] ?? 0;
  if ((flags & FLAG.reserved) !== 0) throw packageInvalid({ reason: 'its header is not valid' });
  let at = 10;
  if ((flags & FLAG.extra) !== 0) at += 2 + (at + 2 <= bytes.length ? bytes.readUInt16LE(at) : 0);
  for (const flag of [FLAG.name, FLAG.comment]) if ((flags & flag) !== 0) at = bytes.indexOf(0, at) + 1 || bytes.length;
  if ((flags & FLAG.checksum) !== 0) at += 2;
  if (at >= bytes.length) throw packageInvalid({ reason: 'it is cut off' });
  return at;
}

async function inflate(bytes: Buffer, start: number, mostBytes: number): Promise<{ readonly content: Buffer; readonly endsAt: number }> {
  const inflater = createInflateRaw();
  const chunks: Buffer[] = [];
  let length = 0;
  inflater.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > mostBytes) inflater.destroy(packageInvalid({ reason: `it unpacks to more than ${mostBytes} bytes` }));
    else chunks.push(chunk);
  });
  const ended = once(inflater, 'end');
  // Awaited below; an error while it is fed must not count as unhandled.
  ended.catch(() => undefined);
  try {
    const isOver = (): boolean => inflater.destroyed || inflater.readableEnded;
    for (let at = start; at < bytes.length && !isOver(); at += CHUNK_BYTES) {
      const isMore = inflater.write(bytes.subarray(at, at + CHUNK_BYTES));
      if (!isMore && !isOver()) await Promise.race([once(inflater, 'drain'), ended]);
    }
    if (!isOver()) inflater.end();
    await ended;
  } catch (error) {
    if (TendrilError.is(error)) throw error;
    throw packageInvalid({ reason: 'it is damaged or cut off' }, error);
  }
  const endsAt = start + inflater.bytesWritten;
  inflater.destroy();
  return { content: Buffer.concat(chunks, length), endsAt };
}
