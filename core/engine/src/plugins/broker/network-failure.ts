import { TendrilError } from '@tendril/plugin-api';

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKET',
  'ECONNECTION',
  'EDNS',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
const DEEPEST_CAUSE = 6;

/**
 * What a failure to reach a service is in the catalogue: a refusal of the guard as it was thrown, however a library
 * wrapped it, or UPSTREAM_UNAVAILABLE. `undefined` when it is about something else.
 */
export function networkFailure(error: unknown, host?: string): TendrilError | undefined {
  const details = host === undefined ? {} : { host };
  for (const each of causes(error)) {
    if (TendrilError.is(each)) return each;
    const code: unknown = 'code' in each ? each.code : undefined;
    if (typeof code === 'string' && UNREACHABLE.has(code)) return new TendrilError('UPSTREAM_UNAVAILABLE', { ...details, reason: code });
  }
  return undefined;
}

/** The error with what caused it, outermost first. */
function causes(error: unknown): readonly object[] {
  const found: object[] = [];
  let next = error;
  while (typeof next === 'object' && next !== null && found.length < DEEPEST_CAUSE && !found.includes(next)) {
    found.push(next);
    const errors: unknown = 'errors' in next ? next.errors : undefined;
    next = 'cause' in next ? next.cause : Array.isArray(errors) ? errors[0] : undefined;
  }
  return found;
}
