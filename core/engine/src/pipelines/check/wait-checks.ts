import type { StepDefinition, WaitDefinition } from '../definition.ts';
import type { Place } from '../source.ts';
import { momentOf } from '../waits/wake-time.ts';
import { checkCondition, checkTypedTemplate, withRoots } from './expression-checks.ts';
import { arrivedSchema } from './root-schemas.ts';
import type { StepContext } from './step-context.ts';
import { nearestTimeZone } from './time-zones.ts';

const MOMENT = 'google.protobuf.Timestamp';
const DURATION = 'google.protobuf.Duration';
/** What `until` takes at the latest. */
const LAST_MOMENT = Date.UTC(9999, 0, 1);

/** Checks a step that waits. */
export function checkWait(context: StepContext, { wait = '', onTimeout }: StepDefinition, stepPlace: Place): void {
  const place = [...stepPlace, 'wait'];
  const timeout = typeof wait === 'object' && 'event' in wait ? wait.timeout : undefined;
  if (onTimeout !== undefined && timeout === undefined)
    context.faults.push(context.source.fault('PIPELINE_INVALID', neverTimesOut(wait), [...stepPlace, 'onTimeout'], { at: 'key' }));
  if (typeof wait === 'string')
    checkTypedTemplate(context, wait, place, { member: 'wait', types: ['string', DURATION], wanted: 'a duration' });
  else if ('until' in wait) checkUntil(context, wait, place);
  else if ('at' in wait) checkTimeZone(context, wait.timeZone, [...place, 'timeZone']);
  else checkEvent(context, wait, place);
}

function neverTimesOut(wait: WaitDefinition): string {
  return typeof wait === 'object' && 'event' in wait
    ? '`onTimeout` is never done: `wait` says no `timeout`.'
    : '`onTimeout` is never done: only a wait for an event can time out.';
}

function checkUntil(context: StepContext, wait: { readonly until: string; readonly timeZone?: string }, place: Place): void {
  const at = [...place, 'until'];
  checkTimeZone(context, wait.timeZone, [...place, 'timeZone']);
  const { isDynamic } = checkTypedTemplate(context, wait.until, at, { member: 'wait', types: ['string', MOMENT], wanted: 'a moment' });
  if (isDynamic || isMoment(wait.until)) return;
  context.faults.push(context.source.fault('PIPELINE_INVALID', `\`${wait.until}\` is not a moment: write \`2030-01-31T09:00:00Z\`.`, at));
}

function isMoment(text: string): boolean {
  try {
    return momentOf(text, () => 'UTC') < LAST_MOMENT;
  } catch {
    return false;
  }
}

function checkTimeZone(context: StepContext, timeZone: string | undefined, place: Place): void {
  if (timeZone === undefined) return;
  const { isDynamic } = checkTypedTemplate(context, timeZone, place, {
    member: 'timeZone',
    types: ['string'],
    wanted: 'the name of a time zone',
  });
  const zone = isDynamic ? undefined : nearestTimeZone(timeZone, ['person', 'tenant']);
  if (zone?.isValid !== false) return;
  context.faults.push(
    context.source.fault('PIPELINE_INVALID', `There is no time zone \`${timeZone}\`.`, place, { suggestion: zone.suggestion }),
  );
}

function checkEvent(context: StepContext, wait: { readonly event: string; readonly where?: string }, place: Place): void {
  if (!context.hasPerson)
    context.faults.push(
      context.source.fault(
        'PIPELINE_INVALID',
        'Nobody can be waited for: runs of this trigger are about no person, and a wait takes events of the same person.',
        [...place, 'event'],
      ),
    );
  if (wait.where !== undefined)
    checkCondition(withRoots(context, { arrived: arrivedSchema(wait.event, context.known) }), wait.where, [...place, 'where']);
}
