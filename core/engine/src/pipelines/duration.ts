const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const SHORT = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/;
const SHORT_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g;
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** The longest duration that is taken, in milliseconds: ten years. */
export const MAX_DURATION_MS = 3_660 * 86_400_000;

/** Reads `30s`, `1h30m`, `2d` or ISO 8601 (`PT30S`, `P2D`) as milliseconds; `undefined` when it is no duration or over ten years. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64) return undefined;
  const value = SHORT.test(text) ? shortMs(text) : isoMs(text);
  return value === undefined || value > MAX_DURATION_MS ? undefined : Math.round(value);
}

/** As `parseDuration`, of a text that may be missing. */
export function optionalDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function shortMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(SHORT_PART)) total += Number(amount) * (UNITS_MS[unit ?? ''] ?? 0);
  return total;
}

function isoMs(text: string): number | undefined {
  const parts: readonly (string | undefined)[] | undefined = ISO.exec(text)?.slice(1);
  if (parts?.every((part) => part === undefined) !== false || text.endsWith('T')) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000;
}
