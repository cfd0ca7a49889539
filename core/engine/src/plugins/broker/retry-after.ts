const SECONDS_OF_A_DECADE = 315_360_000;
/** A service that asks for more is asked again all the same: it may have meant something else. */
const LONGEST_WAIT_MS = 86_400_000;

/**
 * How long a service asks us to wait, in milliseconds, at most a day; `undefined` when it does not say. Reads `Retry-After` (RFC 9110,
 * section 10.2.3: seconds or a date) and the headers that the manifest declares, which also come as epoch seconds or
 * milliseconds.
 */
export function readRetryAfterMs(
  header: (name: string) => string | null | undefined,
  declared: readonly string[],
  nowMs: number,
): number | undefined {
  for (const name of ['retry-after', ...declared]) {
    const value = header(name)?.trim();
    if (value === undefined || value === '') continue;
    const waitMs = toWaitMs(value, nowMs);
    if (waitMs !== undefined) return Math.min(waitMs, LONGEST_WAIT_MS);
  }
  return undefined;
}

function toWaitMs(value: string, nowMs: number): number | undefined {
  const number = Number(value);
  if (Number.isNaN(number)) {
    const at = Date.parse(value);
    return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
  }
  if (number < 0) return undefined;
  if (number < SECONDS_OF_A_DECADE) return number * 1_000;
  return Math.max(0, (number > SECONDS_OF_A_DECADE * 1_000 ? number : number * 1_000) - nowMs);
}
