import type { JsonObject } from '@tendril/plugin-api';
import { nearestName } from '../../nearest-name.ts';
import type { SourceDescription } from '../../plugins/index.ts';
import { triggerKindOf } from '../definition.ts';
import type { Definition, TriggerDefinition, TriggerKind, WebhookDefinition } from '../definition.ts';
import { parseDuration } from '../duration.ts';
import type { Place } from '../source.ts';
import { compileCron, cronProblem } from '../../cron.ts';
import { checkConnection } from './action-checks.ts';
import { checkCondition } from './expression-checks.ts';
import { checkInput, checkValue } from './input-checks.ts';
import { schemaProblem } from './schema-problem.ts';
import type { StepContext } from './step-context.ts';
import { nearestTimeZone } from './time-zones.ts';

const LONGEST_ANSWER_MS = 120_000;
/** From which day a schedule is tried: one without times in it has none at all. */
const ANY_DAY = Date.UTC(2026, 0, 1);

/** Whether runs of such a trigger are about somebody. */
export function hasPerson(kind: TriggerKind): boolean {
  return ['event', 'segment', 'broadcast', 'manual'].includes(kind);
}

/** What can be read in a place of a pipeline: where steps are, and where is decided whether and when a run starts. */
export function rootsOf(definition: Definition, kind: TriggerKind | undefined, place: 'step' | 'start'): readonly string[] {
  const inSteps = place === 'step' ? ['steps', 'run'] : [];
  if (kind === undefined) return ['event', 'events', 'profile', 'input', 'settings', ...inSteps];
  const isOfLog = kind === 'event' || kind === 'segment';
  const event = isOfLog ? ['event', ...(place === 'step' && definition.batch !== undefined ? ['events'] : [])] : [];
  // A run of a trigger that follows the log has an input only when somebody starts it by hand.
  const input = isOfLog && definition.input === undefined ? [] : ['input'];
  return [...event, ...input, ...(kind === 'schedule' ? [] : ['profile']), ...inSteps.slice(0, 1), 'settings', ...inSteps.slice(1)];
}

/** Checks what starts the pipeline. @param sources `undefined` where triggers of plugins cannot be known */
export function checkTrigger(
  context: StepContext,
  definition: Definition,
  leftOut: ReadonlySet<string>,
  sources: readonly SourceDescription[] | undefined,
): void {
  if (definition.input !== undefined) checkSchema(context, definition.input, ['input']);
  if (leftOut.has('trigger')) return;
  const { trigger } = definition;
  const kind = triggerKindOf(trigger);
  const isOfLog = kind === 'event' || kind === 'segment';
  const roots = isOfLog ? ['event', 'profile', 'settings'] : ['input', 'profile', 'settings'];
  checkCondition({ ...context, roots }, trigger.where, ['trigger', 'where']);
  if (kind === 'schedule') checkSchedule(context, trigger);
  if (trigger.webhook !== undefined) checkWebhook(context, trigger.webhook);
  if (kind === 'source') checkSource({ ...context, roots: ['settings'] }, trigger, sources);
  if (kind !== 'source' && trigger.with !== undefined) checkValue(context, trigger.with, ['trigger', 'with']);
}

function checkSchedule(context: StepContext, { schedule = '' }: TriggerDefinition): void {
  const isText = typeof schedule === 'string';
  const { cron, timeZone = 'UTC' } = isText ? { cron: schedule } : schedule;
  const place = isText ? ['trigger', 'schedule'] : ['trigger', 'schedule', 'cron'];
  const zone = nearestTimeZone(timeZone);
  if (!zone.isValid) {
    tell(context, `There is no time zone \`${timeZone}\`.`, ['trigger', 'schedule', 'timeZone'], zone.suggestion);
    return;
  }
  const problem = cronProblem(cron, timeZone);
  if (problem !== undefined) tell(context, `\`${cron}\` is not a schedule: ${problem.replace(/\.$/, '')}.`, place);
  else if (compileCron(cron, timeZone).next(ANY_DAY) === undefined) tell(context, `\`${cron}\` names a time that never comes.`, place);
}

function checkWebhook(context: StepContext, webhook: WebhookDefinition): void {
  const place = ['trigger', 'webhook'];
  if (typeof webhook.schema === 'object') checkSchema(context, webhook.schema, [...place, 'schema']);
  const withinMs = webhook.answerWithin === undefined ? undefined : parseDuration(webhook.answerWithin);
  if (withinMs !== undefined && withinMs > LONGEST_ANSWER_MS)
    tell(context, 'A sender waits two minutes at most.', [...place, 'answerWithin']);
  if (webhook.answerWithin !== undefined && webhook.answer !== 'result')
    tell(context, 'Nobody waits for the result: `answerWithin` goes with `answer: result`.', [...place, 'answerWithin']);
  if (webhook.verify?.header !== undefined && webhook.verify.scheme !== 'hmac_sha256')
    tell(context, `The scheme \`${webhook.verify.scheme}\` says itself which header it is: \`header\` goes with \`hmac_sha256\`.`, [
      ...place,
      'verify',
      'header',
    ]);
}

function checkSource(context: StepContext, trigger: TriggerDefinition, sources: readonly SourceDescription[] | undefined): void {
  const name = trigger.source ?? '';
  const place: Place = ['trigger'];
  const source = sources?.find((candidate) => candidate.name === name);
  const withPlace = trigger.with === undefined ? place : [...place, 'with'];
  if (source === undefined) {
    if (sources !== undefined)
      tell(
        context,
        `There is no trigger \`${name}\` of a plugin.`,
        [...place, 'source'],
        nearestName(
          name,
          sources.map((candidate) => candidate.name),
        ),
      );
    checkValue(context, trigger.with ?? {}, withPlace);
    return;
  }
  checkInput(context, trigger.with ?? {}, source.input, withPlace, 'trigger');
  if (trigger.every !== undefined && source.kind === 'push')
    tell(context, `\`${name}\` is not asked: it is told when something happens. \`every\` means nothing here.`, [...place, 'every']);
  if (context.connections !== undefined) {
    const user = { what: 'trigger', name, plugin: source.plugin, connectionKinds: source.connectionKinds } as const;
    checkConnection(context, context.connections, user, trigger.connection, place, 'source');
  }
}

function checkSchema(context: StepContext, schema: JsonObject, place: Place): void {
  const problem = schemaProblem(schema);
  if (problem !== undefined) tell(context, `This is not a JSON Schema that can be used: ${problem}.`, place);
}

function tell(context: StepContext, message: string, place: Place, suggestion?: string): void {
  context.faults.push(context.source.fault('PIPELINE_INVALID', message, place, { suggestion }));
}
