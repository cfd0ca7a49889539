import type { Definition, TriggerKind } from '../definition.ts';
import { parseDuration } from '../duration.ts';
import type { Place } from '../source.ts';
import { checkExpression, checkKey, typeInWords } from './expression-checks.ts';
import type { StepContext } from './step-context.ts';
import { rootsOf } from './trigger-checks.ts';

const KEYED = ['concurrency', 'serial', 'throttle', 'rateLimit'] as const;
const GATHERING = ['debounce', 'batch'] as const;

/** Checks what bounds the starts and the execution of runs. @param kind `undefined` when the trigger cannot be judged */
export function checkFlow(context: StepContext, definition: Definition, kind: TriggerKind | undefined): void {
  const atStart = { ...context, roots: rootsOf(definition, kind, 'start') };
  for (const name of KEYED) checkKey(atStart, definition[name]?.key, [name, 'key'], 'key');
  for (const name of GATHERING) {
    checkKey({ ...atStart, roots: atStart.roots.filter((root) => root !== 'input') }, definition[name]?.key, [name, 'key'], 'key');
    if (definition[name] !== undefined && kind !== undefined && kind !== 'event' && kind !== 'segment')
      tell(context, `\`${name}\` gathers events: it goes with a trigger \`event\` or \`segment\`, not with \`${kind}\`.`, [name], 'key');
  }
  checkPriority(atStart, definition.priority);
  checkCombinations(context, definition);
  checkPeriods(context, definition);
}

function checkPriority(context: StepContext, priority: Definition['priority']): void {
  if (typeof priority !== 'string') return;
  if (priority.includes('${{')) {
    tell(context, '`priority` is written without `${{ }}` around it.', ['priority']);
    return;
  }
  const type = checkExpression(context, priority, ['priority']);
  if (type === undefined || ['int', 'uint', 'double', 'dyn'].includes(type)) return;
  context.faults.push(
    context.source.fault('EXPRESSION_INVALID', `\`priority\` takes a number from 0 to 9; this gives ${typeInWords(type)}.`, ['priority']),
  );
}

/** What can never do what it says. */
function checkCombinations(context: StepContext, { debounce, batch, serial }: Definition): void {
  if (debounce !== undefined && batch !== undefined)
    tell(context, 'A pipeline either waits until events stop coming (`debounce`) or collects them (`batch`), not both.', ['batch'], 'key');
  if (serial?.overflow !== undefined && serial.max === undefined)
    tell(context, 'Nothing is ever too many: `overflow` goes with `max`.', ['serial', 'overflow'], 'key');
}

function checkPeriods(context: StepContext, { throttle, rateLimit, debounce, batch, timeout }: Definition): void {
  const positive: readonly (readonly [string | undefined, Place])[] = [
    [throttle?.period, ['throttle', 'period']],
    [rateLimit?.period, ['rateLimit', 'period']],
    [debounce?.period, ['debounce', 'period']],
    [batch?.timeout, ['batch', 'timeout']],
    [timeout, ['timeout']],
  ];
  for (const [duration, place] of positive)
    if (duration !== undefined && parseDuration(duration) === 0)
      tell(context, `\`${String(place.at(-1))}\` has to be longer than nothing.`, place);
  const shortestMs = parseDuration(debounce?.period ?? '') ?? 0;
  const longestMs = parseDuration(debounce?.max ?? '') ?? Infinity;
  if (longestMs < shortestMs) tell(context, '`max` is shorter than `period`: the run would never wait for quiet.', ['debounce', 'max']);
}

function tell(context: StepContext, message: string, place: Place, at: 'key' | 'value' = 'value'): void {
  context.faults.push(context.source.fault('PIPELINE_INVALID', message, place, { at }));
}
