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
