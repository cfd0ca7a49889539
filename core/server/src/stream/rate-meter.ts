/** How fast a count that only grows is growing. */
export interface RateMeter {
  /** @returns growth per second over the last readings, 0 at the first */
  read(name: string, total: number, now: number): number;
}

interface Reading {
  readonly at: number;
  readonly total: number;
}

const WINDOW_MS = 5_000;

/** Measures between readings, over the last five seconds or since the reading before. */
export function createRateMeter(): RateMeter {
  const readingsByName = new Map<string, readonly Reading[]>();

  return {
    read(name, total, now) {
      const known = readingsByName.get(name) ?? [];
      const recent = known.filter(({ at }) => now - at <= WINDOW_MS);
      const kept = recent.length > 0 ? recent : known.slice(-1);
      readingsByName.set(name, [...kept, { at: now, total }]);
      const [oldest] = kept;
      if (oldest === undefined || now <= oldest.at) return 0;
      return Math.max(0, (total - oldest.total) / ((now - oldest.at) / 1_000));
    },
  };
}
