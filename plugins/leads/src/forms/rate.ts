import type { Call } from '@tendril/plugin-api';
import type { FormsRow, Settings } from '../gen/manifest.gen.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_PER_HOUR = 20;
const MOST_PER_MINUTE = 120;

/** Counts an answer of a sender. @returns false when there were too many in this hour from there, or in this minute in all */
export async function countAnswer(
  { id, protection = {} }: Pick<FormsRow, 'id' | 'protection'>,
  { sender, submission }: { readonly sender: string; readonly submission: string },
  call: Call<Settings>,
): Promise<boolean> {
  const now = call.clock.now();
  const counters = [
    {
      key: `rate/${id}/${sender}/${String(Math.floor(now / HOUR_MS))}`,
      most: protection.mostPerHourPerSender ?? MOST_PER_HOUR,
      seconds: 3_600,
    },
    { key: `rate/${id}/${String(Math.floor(now / MINUTE_MS))}`, most: protection.mostPerMinute ?? MOST_PER_MINUTE, seconds: 60 },
  ];
  for (const counter of counters) if (!(await take(counter, submission, call))) return false;
  return true;
}

/** Takes one of so many places, each of which one answer has: those that come at once are counted one by one, too. */
async function take(
  { key, most, seconds }: { readonly key: string; readonly most: number; readonly seconds: number },
  submission: string,
  { kv }: Call<Settings>,
): Promise<boolean> {
  for (let place = Number((await kv.get(key)) ?? 0); place < most; place += 1) {
    if (!(await kv.claim(`${key}/${String(place)}`, submission, seconds))) continue;
    await kv.set(key, place + 1, seconds);
    return true;
  }
  return false;
}
