import type { ActionDescription } from '../../actions/contract.ts';
import type { ConnectionInfo } from '../../hub.ts';
import { blocksOf, callKey, kindOf } from '../definition.ts';
import type { StepDefinition, WaitDefinition } from '../definition.ts';
import { MAX_DURATION_MS, parseDuration } from '../duration.ts';
import { nearestName } from '../../nearest-name.ts';
import type { Place } from '../source.ts';
import { checkCondition, checkExpression, checkTemplate, typeInWords } from './expression-checks.ts';
import type { ExpressionContext } from './expression-checks.ts';
import { checkInput, checkValue } from './input-checks.ts';

/** What steps are checked against. */
export interface StepContext extends Omit<ExpressionContext, 'visible'> {
  /** By `callKey`. */
  readonly actionsByCall: ReadonlyMap<string, ActionDescription>;
  /** For suggestions. */
  readonly actionNames: readonly string[];
  /** `undefined` where connections cannot be known, as without a hub. */
  readonly connections: readonly Pick<ConnectionInfo, 'name' | 'plugin' | 'kind'>[] | undefined;
  /** Where each id was first seen. */
  readonly placesById: Map<string, Place>;
}

/** Checks a list of steps. @returns the ids that can be read behind it */
export function checkSteps(
  context: StepContext,
  steps: readonly StepDefinition[],
  place: Place,
  before: ReadonlySet<string>,
): ReadonlySet<string> {
  const visible = new Set(before);
  let isEnded = false;
  for (const [index, step] of steps.entries()) {
    const at = [...place, index];
    if (isEnded)
      context.faults.push(context.source.fault('PIPELINE_INVALID', 'This step is never reached: the one before it ends the run.', at));
    checkId(context, step, at);
    checkStep({ ...context, visible }, context, step, at);
    for (const id of checkBlocks(context, step, at, visible)) visible.add(id);
    if (step.id !== undefined) visible.add(step.id);
    isEnded = endsRun(step);
  }
  return visible;
}

function checkId(context: StepContext, step: StepDefinition, place: Place): void {
  if (step.id === undefined) return;
  const isTaken = context.placesById.has(step.id);
  if (isTaken)
    context.faults.push(context.source.fault('PIPELINE_INVALID', `The id \`${step.id}\` is taken by an earlier step.`, [...place, 'id']));
  else context.placesById.set(step.id, place);
}

/** Branches see what was before the step, not each other; `onError` sees what may have run. */
function checkBlocks(context: StepContext, step: StepDefinition, place: Place, visible: ReadonlySet<string>): ReadonlySet<string> {
  const after = new Set<string>();
  const own = step.id === undefined ? [] : [step.id];
  for (const block of blocksOf(step)) {
    const isHandler = block.place[0] === 'onError';
    const before = isHandler ? new Set([...visible, ...after, ...own]) : visible;
    for (const id of checkSteps(context, block.steps, [...place, ...block.place], before)) after.add(id);
  }
  return after;
}

function endsRun(step: StepDefinition): boolean {
  if (step.stop !== undefined || step.fail !== undefined) return true;
  if (step.onError !== undefined) return false;
  const ends = (steps: readonly StepDefinition[] | undefined): boolean => steps?.some(endsRun) ?? false;
  if (step.then !== undefined) return ends(step.then) && ends(step.else);
  if (step.cases !== undefined) return Object.values(step.cases).every(ends) && ends(step.default);
  return step.parallel !== undefined && Object.values(step.parallel).some(ends);
}

function checkStep(expressions: ExpressionContext, context: StepContext, step: StepDefinition, place: Place): void {
  checkCondition(expressions, step.if, [...place, 'if']);
  switch (kindOf(step)) {
    case 'action':
      checkAction(expressions, context, step, place);
      return;
    case 'switch':
      checkSwitch(expressions, step.switch ?? '', [...place, 'switch']);
      return;
    case 'wait':
      checkWait(expressions, step.wait ?? '', [...place, 'wait']);
      return;
    case 'set':
      checkValue(expressions, step.set ?? {}, [...place, 'set']);
      return;
    case 'stop':
      checkReason(expressions, step.stop?.reason, [...place, 'stop', 'reason']);
      return;
    case 'fail':
      checkReason(expressions, step.fail?.reason, [...place, 'fail', 'reason']);
      return;
    default:
      return;
  }
}

function checkReason(context: ExpressionContext, reason: string | undefined, place: Place): void {
  if (reason !== undefined) checkTemplate(context, reason, place);
}

function checkSwitch(context: ExpressionContext, expression: string, place: Place): void {
  const type = checkExpression(context, expression, place);
  if (type === undefined || ['string', 'int', 'uint', 'double', 'bool', 'dyn', 'null'].includes(type)) return;
  context.faults.push(
    context.source.fault('EXPRESSION_INVALID', `\`switch\` takes a text, number or boolean; this gives ${typeInWords(type)}.`, place),
  );
}

function checkWait(context: ExpressionContext, wait: WaitDefinition, place: Place): void {
  if (typeof wait === 'object' && !('until' in wait)) return;
  const isUntil = typeof wait !== 'string';
  const text = isUntil ? wait.until : wait;
  const at = isUntil ? [...place, 'until'] : place;
  const { isDynamic, type } = checkTemplate(context, text, at);
  if (isDynamic) {
    const allowed = ['string', 'dyn', isUntil ? 'google.protobuf.Timestamp' : 'google.protobuf.Duration'];
    if (type !== undefined && !allowed.includes(type)) {
      context.faults.push(
        context.source.fault(
          'EXPRESSION_INVALID',
          `\`wait\` takes ${isUntil ? 'a moment' : 'a duration'}; this gives ${typeInWords(type)}.`,
          at,
        ),
      );
    }
    return;
  }
  const isValid = isUntil
    ? !Number.isNaN(Date.parse(text)) && /^\d{4}-\d{2}-\d{2}/.test(text) && Date.parse(text) < Date.parse('9999-01-01')
    : (parseDuration(text) ?? MAX_DURATION_MS + 1) <= MAX_DURATION_MS;
  if (!isValid && isUntil)
    context.faults.push(context.source.fault('PIPELINE_INVALID', `\`${text}\` is not a moment: write \`2030-01-31T09:00:00Z\`.`, at));
}

function checkAction(expressions: ExpressionContext, context: StepContext, step: StepDefinition, place: Place): void {
  const name = step.action ?? '';
  const action = context.actionsByCall.get(callKey(step));
  const inputPlace = step.with === undefined ? place : [...place, 'with'];
  if (action === undefined) {
    context.faults.push(
      context.source.fault('PIPELINE_UNKNOWN_ACTION', `There is no action \`${name}\`.`, [...place, 'action'], {
        suggestion: nearestName(name, context.actionNames),
      }),
    );
    checkValue(expressions, step.with ?? {}, inputPlace);
    return;
  }
  checkInput(expressions, step.with ?? {}, action.input, inputPlace);
  if (context.connections !== undefined) checkConnection(context, context.connections, action, step, place);
}

function checkConnection(
  context: StepContext,
  all: NonNullable<StepContext['connections']>,
  action: ActionDescription,
  step: StepDefinition,
  place: Place,
): void {
  const { connection } = step;
  const fitting = all.filter(({ plugin, kind }) => plugin === action.plugin && action.connectionKinds.includes(kind));
  const tell = (code: 'CONNECTION_UNKNOWN' | 'CONNECTION_MISSING', message: string, suggestion?: string): void => {
    context.faults.push(
      context.source.fault(code, message, [...place, connection === undefined ? 'action' : 'connection'], { suggestion }),
    );
  };
  if (action.connectionKinds.length === 0) {
    if (connection !== undefined) tell('CONNECTION_UNKNOWN', `The action \`${action.name}\` takes no connection.`);
    return;
  }
  const names = fitting.map(({ name }) => name);
  if (connection === undefined) {
    if (names.length === 0)
      tell(
        'CONNECTION_MISSING',
        `The action \`${action.name}\` needs a connection of \`${action.plugin}\`, and there is none: add one with \`tendril connections add\`.`,
      );
    else if (names.length > 1 && !names.includes(action.plugin))
      tell(
        'CONNECTION_MISSING',
        `There are several connections of \`${action.plugin}\`: say which with \`connection:\` (${names.join(', ')}).`,
      );
    return;
  }
  if (names.includes(connection)) return;
  const other = all.find(({ name }) => name === connection);
  if (other === undefined)
    tell('CONNECTION_UNKNOWN', `There is no connection \`${connection}\`.`, nearestName(connection, names) ?? names[0]);
  else
    tell(
      'CONNECTION_UNKNOWN',
      `The connection \`${connection}\` is one of \`${other.plugin}\` (${other.kind}); \`${action.name}\` needs one of \`${action.plugin}\`.`,
      names[0],
    );
}
