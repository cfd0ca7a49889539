import type { JsonObject } from '@tendril/plugin-api';
import { blocksOf, kindOf } from '../definition.ts';
import type { Block, StepDefinition } from '../definition.ts';
import { parseDuration } from '../duration.ts';
import { compileExpression } from '../../expressions/index.ts';
import type { Place } from '../source.ts';
import { checkAction, checkPages } from './action-checks.ts';
import { checkPipelineCall } from './call-checks.ts';
import { checkCondition, checkKey, checkTemplate, checkTypedTemplate, withRoots } from './expression-checks.ts';
import { checkValue } from './input-checks.ts';
import { schemaAt } from './root-schemas.ts';
import type { StepContext } from './step-context.ts';
import { checkWait } from './wait-checks.ts';

/** Checks a list of steps. @returns the ids that can be read behind it */
export function checkSteps(context: StepContext, steps: readonly StepDefinition[], place: Place): ReadonlySet<string> {
  const visible = new Set(context.visible);
  let isEnded = false;
  for (const [index, step] of steps.entries()) {
    const at = [...place, index];
    if (isEnded) tell(context, 'This step is never reached: the one before it ends the run.', at);
    checkId(context, step, at);
    const here = { ...context, visible: new Set(visible) };
    const element = checkStep(here, step, at);
    for (const id of checkBlocks(here, step, at, element)) visible.add(id);
    if (step.id !== undefined) visible.add(step.id);
    isEnded = endsRun(step);
  }
  return visible;
}

function checkId(context: StepContext, { id }: StepDefinition, place: Place): void {
  if (id === undefined) return;
  if (context.placesById.has(id)) tell(context, `The id \`${id}\` is taken by an earlier step.`, [...place, 'id']);
  else context.placesById.set(id, place);
}

/**
 * Branches see what was before the step, not each other; `onError`, `onTimeout` and `compensate` see what may have run.
 *
 * @param element schema of one element of a loop
 * @returns the ids inside that can be read behind the step
 */
function checkBlocks(context: StepContext, step: StepDefinition, place: Place, element: JsonObject | undefined): ReadonlySet<string> {
  const after = new Set<string>();
  const add = (ids: ReadonlySet<string>): void => {
    for (const id of ids) after.add(id);
  };
  const blocks = blocksOf(step);
  for (const block of blocks.filter(({ place: [name] }) => !isHandler(name))) {
    const inner = block.place[0] === 'do' ? insideLoop(context, step, element ?? {}) : context;
    const ids = checkSteps(inner, block.steps, [...place, ...block.place]);
    if (block.place[0] !== 'do') add(ids);
    else checkCollect({ ...inner, visible: ids }, step, place);
  }
  const own = step.id === undefined ? [] : [step.id];
  const afterwards = { ...context, visible: new Set([...context.visible, ...after, ...own]) };
  for (const block of blocks.filter(({ place: [name] }) => isHandler(name))) {
    const ids = checkSteps(afterwards, block.steps, [...place, ...block.place]);
    // What undoes a step is done when everything else is over.
    if (block.place[0] !== 'compensate') add(ids);
  }
  return after;
}

function isHandler(name: Block['place'][number] | undefined): boolean {
  return name === 'onError' || name === 'onTimeout' || name === 'compensate';
}

/** The context of the steps inside a loop: they read the element, and those of the loops around. */
function insideLoop(context: StepContext, { as: name = 'item' }: StepDefinition, element: JsonObject): StepContext {
  const each: JsonObject = { ...context.each, [name]: element, [`${name}Index`]: { type: 'number' } };
  const schema: JsonObject = { type: 'object', properties: each, additionalProperties: false };
  return { ...withRoots(context, { each: schema }), each };
}

function checkCollect(context: StepContext, { collect }: StepDefinition, place: Place): void {
  if (collect !== undefined) checkTemplate(context, collect, [...place, 'collect']);
}

function endsRun(step: StepDefinition): boolean {
  if (step.stop !== undefined || step.fail !== undefined) return true;
  if (step.onError !== undefined || step.onTimeout !== undefined) return false;
  const ends = (steps: readonly StepDefinition[] | undefined): boolean => steps?.some(endsRun) ?? false;
  if (step.then !== undefined) return ends(step.then) && ends(step.else);
  if (step.cases !== undefined) return Object.values(step.cases).every(ends) && ends(step.default);
  if (step.parallel === undefined) return false;
  const branches = Object.values(step.parallel);
  return step.join === 'any' ? branches.every(ends) : branches.some(ends);
}

/** @returns the schema of one element of a loop, where it is known */
function checkStep(context: StepContext, step: StepDefinition, place: Place): JsonObject | undefined {
  checkCondition(context, step.if, [...place, 'if']);
  const kind = kindOf(step);
  if (kind !== 'wait' && kind !== undefined) checkTimes(context, step, place);
  switch (kind) {
    case 'action':
      checkAction(context, step, place);
      break;
    case 'switch':
      checkKey(context, step.switch, [...place, 'switch'], 'switch');
      break;
    case 'forEach':
      return checkLoop(context, step, [...place, 'forEach']);
    case 'wait':
      checkWait(context, step, place);
      break;
    case 'approve':
      checkTexts(context, step.approve, ['title', 'message'], [...place, 'approve']);
      break;
    case 'call':
      checkPipelineCall(context, step, place);
      break;
    case 'emit':
      checkEmit(context, step, [...place, 'emit']);
      break;
    case 'set':
      checkValue(context, step.set ?? {}, [...place, 'set']);
      break;
    case 'stop':
    case 'fail':
      checkTexts(context, step[kind], ['reason'], [...place, kind]);
      break;
    default:
      break;
  }
  return undefined;
}

/** What can never come to pass. */
function checkTimes(context: StepContext, step: StepDefinition, place: Place): void {
  const timeout = step.approve === undefined ? step.timeout : step.approve.timeout;
  const where = step.approve === undefined ? 'there is no `timeout`' : '`approve` says no `timeout`';
  if (step.onTimeout !== undefined && timeout === undefined)
    context.faults.push(
      context.source.fault('PIPELINE_INVALID', `\`onTimeout\` is never done: ${where}.`, [...place, 'onTimeout'], { at: 'key' }),
    );
  const { initial, max } = step.retry ?? {};
  if (initial !== undefined && max !== undefined && (parseDuration(max) ?? 0) < (parseDuration(initial) ?? 0))
    tell(context, '`max` is shorter than `initial`.', [...place, 'retry', 'max']);
}

function checkTexts<Name extends string>(
  context: StepContext,
  texts: Readonly<Partial<Record<Name, string>>> | undefined,
  names: readonly Name[],
  place: Place,
): void {
  for (const name of names) {
    const text = texts?.[name];
    if (text !== undefined) checkTemplate(context, text, [...place, name]);
  }
}

function checkEmit(context: StepContext, { emit }: StepDefinition, place: Place): void {
  if (emit?.properties !== undefined) checkValue(context, emit.properties, [...place, 'properties']);
  if (emit?.userId === undefined && !context.hasPerson)
    tell(context, 'The event would be about nobody: runs of this trigger are about no person, so `userId` has to say whom.', place);
  if (emit?.userId !== undefined)
    checkTypedTemplate(context, emit.userId, [...place, 'userId'], {
      member: 'userId',
      types: ['string', 'int', 'uint', 'double'],
      wanted: 'a text or number',
    });
}

function checkLoop(context: StepContext, { forEach = '' }: StepDefinition, place: Place): JsonObject | undefined {
  if (typeof forEach !== 'string') return checkPages(context, forEach, place);
  checkTypedTemplate(context, forEach, place, { member: 'forEach', types: ['list'], wanted: 'a list' });
  const [, expression = ''] = /^\$\{\{([\s\S]*)\}\}$/.exec(forEach) ?? [];
  return elementSchema(context, expression.trim());
}

/** What one element of a list is, when the list is read from somewhere whose schema says so. */
function elementSchema(context: StepContext, expression: string): JsonObject | undefined {
  const compiled = compileExpression(expression);
  if (!('expression' in compiled)) return undefined;
  const [reference, ...others] = compiled.expression.reading.references;
  if (reference === undefined || others.length > 0 || [reference.root, ...reference.path].join('.') !== expression) return undefined;
  const root = context.schemas[reference.root as keyof typeof context.schemas];
  const list = schemaAt(root, reference.path);
  return list?.['type'] === 'array' ? (list['items'] as JsonObject | undefined) : undefined;
}

function tell(context: StepContext, message: string, place: Place): void {
  context.faults.push(context.source.fault('PIPELINE_INVALID', message, place));
}
