import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { MAX_HOPS } from '../../events/index.ts';
import type { ConditionPart } from '../ask/contract.ts';
import type { Deployed } from '../deployments.ts';
import { pinEvent } from '../runs/records.ts';
import { Conditions } from './condition.ts';
import type { Verdict } from './condition.ts';
import { scopeOf } from './gate-keys.ts';
import { SEGMENT_PROPERTY } from './trigger-index.ts';

/** Why a trigger is not met, as far as event, profile and settings tell. */
export type JudgementCode = 'started' | 'paused' | 'hops' | 'imported' | 'max_age' | 'segment' | 'where';

/** What a trigger makes of an event. */
export interface Judgement {
  readonly isStarted: boolean;
  readonly code: JudgementCode;
  /** Of the condition's parts, each with what it came to. */
  readonly conditions: readonly ConditionPart[];
}

/** Whether an event gets as far as the condition of a trigger; `undefined` when it does. */
export function ruledOut(
  event: LoggedEvent,
  { trigger }: Pick<Deployed['compiled'], 'trigger'>,
  now: number,
): 'hops' | 'imported' | 'max_age' | 'segment' | undefined {
  // A chain of causes that has reached its end starts nothing: the run's own events could not be told.
  if (event.hops >= MAX_HOPS) return 'hops';
  if (event.isImported && !trigger.takesImported) return 'imported';
  if (now - event.occurredAt > trigger.maxAgeMs) return 'max_age';
  return isOfSegment(event, trigger) ? undefined : 'segment';
}

/** Whether an event is about the segment that a trigger follows, when it follows one. */
export function isOfSegment(event: Pick<LoggedEvent, 'properties'>, { segment }: Deployed['compiled']['trigger']): boolean {
  return segment === undefined || event.properties[SEGMENT_PROPERTY] === segment;
}

/**
 * What a trigger makes of an event: the same as when it was matched, as long as profile and settings are the same.
 * Limits on starts are not looked at.
 *
 * @param profile as expressions read it; an empty one without it
 * @param now when it is, or was, in epoch milliseconds
 */
export function judge(event: LoggedEvent, deployed: Deployed, profile: JsonObject | undefined, now: number): Judgement {
  const { compiled, record, settings } = deployed;
  const { where } = compiled.trigger;
  const personId = event.profileId === undefined ? {} : { personId: event.profileId };
  const scope = scopeOf({ event: pinEvent(event), settings, ...(profile === undefined ? {} : { profile }), ...personId });
  const parts = where === undefined ? [] : new Conditions().partsOf(where, settings);
  const conditions = parts.map((condition) => toPart(condition.source, condition.verdict(scope)));
  const isMet = conditions.every((part) => part.isMet);
  const code = (record.isPaused ? 'paused' : ruledOut(event, compiled, now)) ?? (isMet ? 'started' : 'where');
  return { isStarted: code === 'started', code, conditions };
}

function toPart(expression: string, verdict: Verdict): ConditionPart {
  if (typeof verdict === 'boolean') return { expression, value: verdict, isMet: verdict };
  return { expression, value: null, problem: verdict.fault.message, isMet: false };
}
