import { TendrilError } from '@tendril/plugin-api';
import type { Logger } from '@tendril/plugin-api';
import { destination, pino } from 'pino';

/** Fields that are cut out wherever a line carries them, at the top or one or two levels below. */
const REDACTED = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'clientSecret',
  'apiKey',
  'writeKey',
  'secretKey',
  'email',
  'phone',
  'address',
  'traits',
  'properties',
  'values',
  'body',
];

/** What must not be in a line wherever it stands, in a message of a library for one: addresses, keys of ours, credentials. */
const UNSAYABLE = [
  /[^\s@<>"'(),;:/\\=]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[a-z]{2,24}/gi,
  /\bt(?:s|w_live|w_test)_[0-9A-Za-z]{20,}/g,
  /\bwhsec_[\w+/=-]{8,}/g,
  /\b(?:Bearer|Basic) +[\w.~+/=-]{8,}/gi,
];
const DEEPEST_CAUSE = 4;

/**
 * Structured lines on standard error, so that standard output carries a command's answer alone.
 *
 * @param level `debug`, `info`, `warn`, `error` or `silent`
 * @param write where a line goes; standard error without it
 */
export function createLogger(level: string, write?: (line: string) => void): Logger {
  const paths = REDACTED.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    {
      level,
      redact: { paths, censor: '[redacted]' },
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => describeError(error, 0) },
      hooks: { streamWrite: withoutUnsayable },
    },
    write === undefined ? destination({ dest: 2, sync: true }) : { write },
  );
}

/** What an error is about. Errors of vendors' libraries hold whole requests in fields of their own: those are left out. */
function describeError(error: unknown, depth: number): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' ? { code } : {}),
    ...(TendrilError.is(error) ? { details: error.details } : {}),
    ...(error.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

function withoutUnsayable(line: string): string {
  return UNSAYABLE.reduce((text, pattern) => text.replace(pattern, '[redacted]'), line);
}
