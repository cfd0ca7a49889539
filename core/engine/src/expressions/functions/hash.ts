import { createHash } from 'node:crypto';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';

const HASH_COST = 8;
const CHARACTERS_PER_COST = 128;
const MAX_BUCKETS = 1_000_000;
/** As many bits of the hash as a number holds exactly. */
const BUCKET_DIGITS = 12;

function hash(algorithm: 'sha256' | 'md5', value: string | Uint8Array, frame: Frame): string {
  frame.spend(HASH_COST + value.length / CHARACTERS_PER_COST);
  return createHash(algorithm).update(value).digest('hex');
}

function bucketOf(text: string, count: number, frame: Frame): bigint {
  if (count < 1 || count > MAX_BUCKETS) throw new EvaluationError('range', `A count of buckets is between 1 and ${String(MAX_BUCKETS)}.`);
  return BigInt(Number.parseInt(hash('sha256', text, frame).slice(0, BUCKET_DIGITS), 16) % count);
}

/** Hashes, and what is made of them. */
export const HASH_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'sha256',
    subject: 'hash',
    summary: 'SHA-256 of a text or of bytes, in hexadecimal: what advertising networks want for e-mail addresses.',
    example: 'sha256("a@example.com")',
    result: '08168cd80dfd534ab0f10af10f1303fe00af2d43ab5c1432360d137f8197e17a',
    forms: [
      form('sha256(string) -> string', ([value]: readonly [string], frame: Frame) => hash('sha256', value, frame)),
      form('sha256(bytes) -> string', ([value]: readonly [Uint8Array], frame: Frame) => hash('sha256', value, frame)),
    ],
  },
  {
    name: 'md5',
    subject: 'hash',
    summary: 'MD5 of a text in hexadecimal, for services that still name things by it; not for secrets.',
    example: 'md5("a@example.com")',
    result: 'b418773a2c51fb9777a1648346fa7394',
    forms: [form('md5(string) -> string', ([value]: readonly [string], frame: Frame) => hash('md5', value, frame))],
  },
  {
    name: 'bucket',
    subject: 'hash',
    summary: 'A number from 0 to n-1 that is always the same for a text and evenly spread over many: who is in which part of a test.',
    example: 'bucket("user-7" + "spring-sale", 100)',
    result: 51,
    forms: [form('bucket(string, whole) -> int', ([text, count]: readonly [string, number], frame: Frame) => bucketOf(text, count, frame))],
  },
  {
    name: 'base64.encode',
    subject: 'hash',
    summary: 'Writes bytes in base64.',
    example: 'base64.encode(b"hi")',
    result: 'aGk=',
    forms: [form('base64.encode(bytes) -> string', ([value]: readonly [Uint8Array]) => Buffer.from(value).toString('base64'))],
  },
  {
    name: 'base64.decode',
    subject: 'hash',
    summary: 'Reads base64 as bytes.',
    example: 'string(base64.decode("aGk="))',
    result: 'hi',
    forms: [
      form('base64.decode(string) -> bytes', ([text]: readonly [string]) => {
        if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new EvaluationError('value', 'The text is no base64.');
        return new Uint8Array(Buffer.from(text, 'base64'));
      }),
    ],
  },
];
