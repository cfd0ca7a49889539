import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { IngestOutcome, RawCall } from '@tendril/engine';
import { findHazard, isArray, isObject, parseJson } from '../http/parse-json.ts';
import type { IngestPath } from './paths.ts';

/** What a request of the tracking API holds. */
export interface ParsedRequest {
  /** Write key of the body, where senders that cannot set headers put it. */
  readonly writeKey?: string;
  /** The sender's clock at sending, in epoch milliseconds. */
  readonly sentAt?: number;
  /** Calls as they came, or why the server refuses one. */
  readonly calls: readonly (RawCall | RefusedCall)[];
}

/** A call that is not handed on. */
export class RefusedCall {
  readonly outcome: IngestOutcome;

  constructor(reason: string) {
    this.outcome = Object.freeze({ status: 'refused', code: 'REQUEST_MALFORMED', reason });
  }
}

/** @throws TendrilError REQUEST_MALFORMED when the body as a whole is not what the path takes */
export function parseCalls(bytes: Buffer, path: IngestPath): ParsedRequest {
  const body = parseJson(bytes);
  if (!isObject(body)) throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: 'an object' });
  return path.takes === 'batch' ? parseBatch(body) : parseSingle(body, path);
}

function parseSingle(body: JsonObject, path: IngestPath): ParsedRequest {
  const hazard = findHazard(body);
  if (hazard !== undefined) throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: hazard });
  const { writeKey, sentAt, ...call } = body;
  return { ...envelope(writeKey, sentAt), calls: [{ ...call, type: path.type }] };
}

function parseBatch(body: JsonObject): ParsedRequest {
  const { batch, context, writeKey, sentAt } = body;
  if (!isArray(batch)) throw new TendrilError('REQUEST_MALFORMED', { pointer: '/batch', expected: 'an array' });
  if (batch.length === 0) throw new TendrilError('REQUEST_MALFORMED', { pointer: '/batch', expected: 'at least one call' });
  const hazard = findHazard(context);
  if (hazard !== undefined) throw new TendrilError('REQUEST_MALFORMED', { pointer: '/context', expected: hazard });
  const shared = isObject(context) ? context : undefined;
  const firstKey = isObject(batch[0]) ? batch[0]['writeKey'] : undefined;
  return { ...envelope(writeKey ?? firstKey, sentAt), calls: batch.map((item) => parseItem(item, shared)) };
}

function parseItem(item: Json, shared: JsonObject | undefined): RawCall | RefusedCall {
  if (!isObject(item)) return new RefusedCall('a call has to be an object');
  const hazard = findHazard(item);
  if (hazard !== undefined) return new RefusedCall(hazard);
  const isPlain = shared === undefined && item['writeKey'] === undefined;
  if (isPlain) return item;
  const own = isObject(item['context']) ? item['context'] : {};
  // Segment lets a batch say what holds for all its calls once; the key has no place in the log.
  return { ...item, writeKey: undefined, ...(shared === undefined ? {} : { context: { ...shared, ...own } }) };
}

function envelope(writeKey: Json | undefined, sentAt: Json | undefined): { writeKey?: string; sentAt?: number } {
  const at = typeof sentAt === 'string' ? Date.parse(sentAt) : Number.NaN;
  return { ...(typeof writeKey === 'string' && writeKey !== '' ? { writeKey } : {}), ...(Number.isNaN(at) ? {} : { sentAt: at }) };
}
