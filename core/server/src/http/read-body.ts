import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { asTendrilError } from './problem.ts';

const unpack = promisify(gunzip);
// A sender that gets its answer before it has written everything often reports a reset instead: so much is read and dropped first.
const DROPPED_BYTES_LIMIT = 32 * 1024 * 1024;

/** How much a body may have, and the code of what is larger. */
export interface BodyLimit {
  /** Counted packed and unpacked. */
  readonly bytes: number;
  readonly code: ErrorCode;
  /** Told of every chunk before it is kept; throws when there is no room for it. */
  readonly hold?: (count: number) => void;
}

/**
 * Reads a body, counting while it streams, and unpacks gzip without ever holding more than the limit.
 *
 * @throws TendrilError with the limit's code when the body is larger, packed or unpacked; what `hold` throws
 * @throws TendrilError REQUEST_MALFORMED when the encoding is another one, the gzip is broken or the sender went away
 */
export async function readBody(req: IncomingMessage, limit: BodyLimit): Promise<Buffer> {
  const encoding = req.headers['content-encoding'];
  const raw = await collect(req, limit);
  if (encoding === undefined || encoding === 'identity') return raw;
  if (encoding !== 'gzip') throw new TendrilError('REQUEST_MALFORMED', { field: 'content-encoding', allowed: ['gzip', 'identity'] });
  const unpacked = await gunzipWithin(raw, limit);
  limit.hold?.(unpacked.length);
  return unpacked;
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
    if (req.destroyed) {
      reject(cutOff());
      return;
    }
    const gathered = gather(limit);
    req.on('data', (chunk: Buffer) => {
      const { failure, sizeBytes } = gathered.add(chunk);
      if (failure === undefined || sizeBytes <= DROPPED_BYTES_LIMIT) return;
      req.pause();
      reject(failure);
    });
    req.on('end', () => {
      const body = gathered.end();
      if (Buffer.isBuffer(body)) resolve(body);
      else reject(body);
    });
    req.on('error', (cause) => reject(cutOff(cause)));
    req.on('close', () => {
      if (!req.complete) reject(cutOff());
    });
  });
}

interface Gathered {
  /** Keeps a chunk; once one was too much, keeps none and only counts. */
  readonly add: (chunk: Buffer) => { readonly failure: TendrilError | undefined; readonly sizeBytes: number };
  /** @returns the body, or what was wrong with the first chunk that was too much */
  readonly end: () => Buffer | TendrilError;
}

function gather(limit: BodyLimit): Gathered {
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  let failure: TendrilError | undefined;

  function check(count: number): TendrilError | undefined {
    if (sizeBytes > limit.bytes) return tooLarge(limit);
    try {
      limit.hold?.(count);
      return undefined;
    } catch (refusal) {
      return asTendrilError(refusal);
    }
  }

  return {
    add(chunk) {
      sizeBytes += chunk.length;
      failure ??= check(chunk.length);
      if (failure === undefined) chunks.push(chunk);
      else chunks = [];
      return { failure, sizeBytes };
    },
    end() {
      if (failure !== undefined) return failure;
      return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, sizeBytes);
    },
  };
}
