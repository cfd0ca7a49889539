/** Of 95 %. */
const Z = 1.959963984540054;

/** An interval of a share. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Where the true share lies in 95 of 100 cases; honest for few trials, too.
 *
 * @see Wilson: Probable inference, the law of succession, and statistical inference (1927)
 */
export function wilsonInterval(successes: number, trials: number): Interval | undefined {
  if (trials === 0) return undefined;
  const share = successes / trials;
  const spread = (Z / trials) * Math.sqrt((successes * (trials - successes)) / trials + (Z * Z) / 4);
  const centre = share + (Z * Z) / (2 * trials);
  const scale = 1 + (Z * Z) / trials;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}
