import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';

const unpack = promisify(gunzip);
// A sender that gets its answer before it has written everything often reports a reset instead: so much is read and dropped first.
const DROPPED_BYTES_LIMIT = 32 * 1024 * 1024;

/** How much a body may have, and the code of what is larger. */
export interface BodyLimit {
  /** Counted packed and unpacked. */
  readonly bytes: number;
  readonly code: ErrorCode;
}

/**
 * Reads a body, counting while it streams, and unpacks gzip without ever holding more than the limit.
 *
 * @throws TendrilError with the limit's code when the body is larger, packed or unpacked
 * @throws TendrilError REQUEST_MALFORMED when the encoding is another one, the gzip is broken or the sender went away
 */
export async function readBody(req: IncomingMessage, limit: BodyLimit): Promise<Buffer> {
  const encoding = req.headers['content-encoding'];
  const raw = await collect(req, limit);
  if (encoding === undefined || encoding === 'identity') return raw;
  if (encoding !== 'gzip') throw new TendrilError('REQUEST_MALFORMED', { field: 'content-encoding', allowed: ['gzip', 'identity'] });
  return gunzipWithin(raw, limit);
}

async function gunzipWithin(raw: Buffer, limit: BodyLimit): Promise<Buffer> {
  try {
    return await unpack(raw, { maxOutputLength: limit.bytes });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: 'gzip' }, { cause });
  }
}

function tooLarge(limit: BodyLimit): TendrilError {
  return new TendrilError(limit.code, { limitBytes: limit.bytes });
}

function cutOff(cause?: Error): TendrilError {
  return new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: 'all of it' }, { cause });
}

function collect(req: IncomingMessage, limit: BodyLimit): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let sizeBytes = 0;
    req.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= limit.bytes) chunks.push(chunk);
      else chunks = [];
      if (sizeBytes > DROPPED_BYTES_LIMIT) {
        req.pause();
        reject(tooLarge(limit));
      }
    });
    req.on('end', () => {
      if (sizeBytes > limit.bytes) reject(tooLarge(limit));
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, sizeBytes));
    });
    req.on('error', (cause) => reject(cutOff(cause)));
    req.on('close', () => {
      if (!req.complete) reject(cutOff());
    });
  });
}
