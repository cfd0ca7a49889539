import type { Call } from '@tendril/plugin-api';
import type { FormsRow, Settings } from '../gen/manifest.gen.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_PER_HOUR = 20;
const MOST_PER_MINUTE = 120;

/** Counts an answer of a sender. @returns false when there were too many in this hour from there, or in this minute in all */
export async function countAnswer({ id, protection = {} }: FormsRow, sender: string, call: Call<Settings>): Promise<boolean> {
  const now = call.clock.now();
  const counters = [
    {
      key: `rate/${id}/${sender}/${String(Math.floor(now / HOUR_MS))}`,
      most: protection.mostPerHourPerSender ?? MOST_PER_HOUR,
      seconds: 3_600,
    },
    { key: `rate/${id}/${String(Math.floor(now / MINUTE_MS))}`, most: protection.mostPerMinute ?? MOST_PER_MINUTE, seconds: 60 },
  ];
  const counts = await Promise.all(counters.map(async ({ key }) => Number((await call.kv.get(key)) ?? 0)));
  if (counts.some((count, place) => count >= (counters[place]?.most ?? 0))) return false;
  await Promise.all(counters.map(({ key, seconds }, place) => call.kv.set(key, (counts[place] ?? 0) + 1, seconds)));
  return true;
}
