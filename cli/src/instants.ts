import { CommandFault, EXIT } from './failure.ts';

/**
 * `3 min ago`, for tables.
 *
 * @param instant ISO 8601, as the API gives it
 * @param now epoch milliseconds
 */
export function ago(instant: string | undefined, now: number): string {
  if (instant === undefined) return '-';
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 86_400 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}

/** How long something took, for tables; `-` while it goes on. */
export function duration(startedAt: string, endedAt: string | undefined): string {
  if (endedAt === undefined) return '-';
  const milliseconds = Date.parse(endedAt) - Date.parse(startedAt);
  return milliseconds < 10_000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 1000)} s`;
}

/** `2026-11-22 08:00:00`, in UTC, for tables. */
export function moment(instant: string): string {
  return instant.slice(0, 19).replace('T', ' ');
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A duration such as `90s`, `12h` or `30d`, in milliseconds.
 *
 * @param flag what to call it when it is none
 * @throws CommandFault when it is none
 */
export function readDuration(text: string, flag: string): number {
  const milliseconds = durationMs(text);
  if (milliseconds === undefined)
    throw new CommandFault(`${flag} is a duration such as 90s, 12h, 30d or 4w, not \`${text}\`.`, EXIT.commandLine);
  return milliseconds;
}

/**
 * A moment: ISO 8601, or a duration before now.
 *
 * @param flag what to call it when it is none
 * @param now epoch milliseconds
 * @returns ISO 8601
 * @throws CommandFault when it is none
 */
export function readMoment(text: string, flag: string, now: number): string {
  const before = durationMs(text);
  const at = before === undefined ? (/^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN) : now - before;
  if (!Number.isFinite(at))
    throw new CommandFault(
      `${flag} is a date such as 2026-11-22 or 2026-11-22T08:00:00Z, or a duration before now such as 30d, not \`${text}\`.`,
      EXIT.commandLine,
    );
  return new Date(at).toISOString();
}

function durationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  return milliseconds > 0 && milliseconds < 100 * 366 * 86_400_000 ? milliseconds : undefined;
}
