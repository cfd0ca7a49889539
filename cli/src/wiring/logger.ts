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

/**
 * Structured lines on standard error, so that standard output carries a command's answer alone.
 *
 * @param level `debug`, `info`, `warn`, `error` or `silent`
 */
export function createLogger(level: string): Logger {
  const paths = REDACTED.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    { level, redact: { paths, censor: '[redacted]' }, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ dest: 2, sync: true }),
  );
}
