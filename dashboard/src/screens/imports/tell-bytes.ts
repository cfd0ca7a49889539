const UNITS = ['bytes', 'KB', 'MB', 'GB'] as const;

/** A size in words: `312 bytes`, `4.2 MB`. */
export function tellBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1_000 && unit < UNITS.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${unit === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
