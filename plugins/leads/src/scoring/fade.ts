import type { Settings } from '../gen/manifest.gen.ts';

const DAY_MS = 86_400_000;

/** How much of the behaviour score is left, 1 to 0: halved with every half-life in which nothing was done. */
export function fadeOf(activityAt: number | undefined, moment: number, { behaviourHalfLifeDays }: Settings): number {
  if (behaviourHalfLifeDays === undefined || activityAt === undefined) return 1;
  return 2 ** (-Math.max(0, moment - activityAt) / (behaviourHalfLifeDays * DAY_MS));
}
