import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../../hub.ts';
import { withoutUndefined } from '../runs/records.ts';
import type { PinnedEvent } from '../runs/records.ts';

const TEXTS = ['messageId', 'userId', 'anonymousId', 'groupId'] as const;
const OBJECTS = ['properties', 'traits', 'context'] as const;

/**
 * The event of a run that was started by hand, from a call as the tracking API takes it.
 *
 * @param name what the trigger follows
 * @param now its time, unless the call has a `timestamp`; in epoch milliseconds
 * @throws TendrilError INPUT_INVALID with `problems`
 */
export function eventByHand(name: string, call: JsonObject, now: number, unique: string): Omit<PinnedEvent, 'isTest'> {
  const problems: Problem[] = [];
  const demand = (isRight: boolean, member: string, message: string): void => {
    if (!isRight) problems.push({ pointer: `/event/${member}`, message });
  };
  for (const member of TEXTS) demand(isText(call[member]), member, 'must be text of 1 to 200 characters');
  for (const member of OBJECTS) demand(call[member] === undefined || isObject(call[member]), member, 'must be an object');
  demand(call['event'] === undefined || call['event'] === name, 'event', `must be \`${name}\`, the event of the trigger`);
  const { timestamp } = call;
  const occurredAt = typeof timestamp === 'string' ? Date.parse(timestamp) : now;
  demand(
    (timestamp === undefined || typeof timestamp === 'string') && !Number.isNaN(occurredAt),
    'timestamp',
    'must be a time as in ISO 8601',
  );
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { in: 'input', problems });
  const { messageId = `hand-${unique}`, userId, anonymousId, groupId, properties = {}, traits = {}, context = {} } = call;
  // Names of calls other than `track` begin with a dollar sign: `$identify`.
  const kind = name.startsWith('$') ? name.slice(1) : 'track';
  return withoutUndefined({
    id: messageId,
    name,
    kind,
    userId,
    anonymousId,
    groupId,
    properties,
    traits,
    context,
    occurredAt,
    receivedAt: now,
  }) as unknown as Omit<PinnedEvent, 'isTest'>;
}

function isText(value: Json | undefined): boolean {
  return value === undefined || (typeof value === 'string' && value !== '' && value.length <= 200);
}

function isObject(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
