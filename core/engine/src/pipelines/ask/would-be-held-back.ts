import type { ActionDescription, ActionRequest } from '../../actions/contract.ts';
import { aliasesOf, refusedBy, USUAL_PURPOSE } from '../../actions/index.ts';
import { valueAt } from '../../plugins/index.ts';
import { readProfile } from './ask-parts.ts';
import type { AskParts } from './ask-parts.ts';

const DAY_MS = 86_400_000;

/**
 * What the governor would say, as far as it can be known beforehand: pause, suppression and opt-out as they are today, a
 * missing address, and the daily caps counted over the simulated days (in UTC). Nothing is reserved.
 */
export function createWouldBeHeldBack(
  parts: AskParts,
  now: () => number,
): (action: ActionDescription, request: ActionRequest) => Promise<string | undefined> {
  const sent = new Map<string, number>();
  const count = (key: string, most: number): boolean => {
    const value = (sent.get(key) ?? 0) + 1;
    if (value > most) return false;
    sent.set(key, value);
    return true;
  };

  return async (action, request) => {
    const { send } = action;
    const { isPaused, dailyCap, dailyCapPerPerson } = await parts.governor.status();
    if (isPaused) return 'paused';
    if (send === undefined) return undefined;
    const personId = valueAt(request.input, send.person);
    if (typeof personId !== 'string') return undefined;
    const profile = await readProfile(parts, personId);
    const address = valueAt(profile ?? {}, send.address);
    if (typeof address !== 'string' || address === '') return 'no_address';
    const purpose = send.purpose === undefined ? undefined : valueAt(request.input, send.purpose);
    if (refusedBy(profile ?? {}).some((what) => what === (purpose ?? USUAL_PURPOSE) || what === send.channel)) return 'no_consent';
    for (const name of new Set([address, personId, ...aliasesOf(profile ?? {})]))
      if (await parts.governor.isSuppressed(send.channel, name)) return 'suppressed';
    const day = Math.floor(now() / DAY_MS);
    if (!count(`${String(day)}/${personId}`, dailyCapPerPerson)) return 'person_cap';
    return count(String(day), dailyCap) ? undefined : 'daily_cap';
  };
}
