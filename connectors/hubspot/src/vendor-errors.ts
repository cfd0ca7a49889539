import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';

/** An answer of HubSpot that was not what was asked for. */
export interface VendorAnswer {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const INTERVAL_MS = 10_000;
// The daily limit ends at midnight of the account's time zone, which the answer does not tell.
const DAILY_MS = 60 * 60 * 1000;

type Body = Readonly<Record<string, unknown>>;

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bodyOf(text: string): Body {
  try {
    const body: unknown = JSON.parse(text);
    return isBody(body) ? body : {};
  } catch {
    return {};
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'UPSTREAM_UNAUTHORIZED';
  if (status === 429) return 'UPSTREAM_THROTTLED';
  // A conflict in an upsert means that two first upserts of a contact met: the next attempt finds the other's contact.
  if (status === 0 || status === 408 || status === 409 || status === 423 || status >= 500) return 'UPSTREAM_UNAVAILABLE';
  return status < 300 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REJECTED';
}

function retryAfterMs({ status, headers }: VendorAnswer, policy: unknown): number | undefined {
  const asked = headers['retry-after'];
  const seconds = Number(asked ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  // A date, which the hub reads by its own clock.
  if (asked !== undefined) return undefined;
  if (status !== 429) return undefined;
  if (policy === 'DAILY') return DAILY_MS;
  return Number(headers['x-hubspot-ratelimit-interval-milliseconds']) || INTERVAL_MS;
}

function entriesOf(body: Body): readonly Body[] {
  return Array.isArray(body['errors']) ? body['errors'].filter(isBody) : [];
}

function fieldsOf(entries: readonly Body[]): readonly string[] {
  const names = entries.flatMap(({ context }) =>
    isBody(context) && Array.isArray(context['propertyName']) ? (context['propertyName'] as readonly unknown[]) : [],
  );
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

function codesOf(body: Body, entries: readonly Body[]): readonly string[] {
  const codes = entries.flatMap((entry) => [entry['code'], entry['category']]).filter((code) => typeof code === 'string');
  if (codes.length > 0) return [...new Set(codes)];
  return typeof body['category'] === 'string' ? [body['category']] : [];
}

/**
 * What an answer is in the catalogue. Holds the vendor's codes, the names of properties and the correlation id that its
 * support asks for; messages are left out because they quote what was sent.
 */
export function toTendrilError(answer: VendorAnswer): TendrilError {
  const body = bodyOf(answer.text);
  const entries = entriesOf(body);
  const vendorCodes = codesOf(body, entries);
  const fields = fieldsOf(entries);
  const policy = body['policyName'];
  const waitMs = retryAfterMs(answer, policy);
  return new TendrilError(codeOf(answer.status), {
    service: 'hubspot',
    status: answer.status,
    ...(vendorCodes.length > 0 && { vendorCodes }),
    ...(fields.length > 0 && { fields }),
    ...(typeof policy === 'string' && { policy }),
    ...(typeof body['correlationId'] === 'string' && { correlationId: body['correlationId'] }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
}
