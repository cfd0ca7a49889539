const ISO_8601 = /^\d{4}-\d\d-(\d\d)(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?)?$/;
/** Numbers below are taken for seconds by their senders, and refused rather than guessed. */
const EARLIEST_NUMBER_MS = 100_000_000_000;
const LATEST_MS = Date.UTC(9999, 11, 31);
const LONGEST_TEXT = 40;

/** Epoch milliseconds of an ISO 8601 text (without a zone: UTC) or of a number of epoch milliseconds; `undefined` when it is no date. */
export function parseInstant(value: unknown): number | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && value >= EARLIEST_NUMBER_MS && value <= LATEST_MS ? Math.trunc(value) : undefined;
  if (typeof value !== 'string' || value.length > LONGEST_TEXT) return undefined;
  const match = ISO_8601.exec(value);
  if (match === null) return undefined;
  const [, day = '', zone] = match;
  const ms = Date.parse(zone === undefined && value.length > 10 ? `${value.replace(',', '.')}Z` : value.replace(',', '.'));
  if (!Number.isFinite(ms)) return undefined;
  return day > '28' && !hasDay(value, Number(day)) ? undefined : ms;
}

// JavaScript reads 30 February as 1 March.
function hasDay(text: string, day: number): boolean {
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * When it happened by the hub's clock: the sender's clock may be wrong, but what it measured between the event and
 * the sending is right.
 *
 * @see https://segment.com/docs/connections/spec/common/#timestamps "timestamp = receivedAt - (sentAt - originalTimestamp)", read 2026-11-22
 */
export function correctInstant(timestamp: number, sentAt: number | undefined, receivedAt: number): number {
  return sentAt === undefined ? timestamp : receivedAt - (sentAt - timestamp);
}
