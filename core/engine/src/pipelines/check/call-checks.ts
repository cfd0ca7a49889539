import { nearestName } from '../../nearest-name.ts';
import { triggerKindOf } from '../definition.ts';
import type { Definition, StepDefinition } from '../definition.ts';
import type { Place } from '../source.ts';
import type { CheckEnvironment } from './contract.ts';
import { checkInput, checkValue } from './input-checks.ts';
import { everyStep } from './root-schemas.ts';
import type { Calls, StepContext } from './step-context.ts';

const MAX_FOLLOWED = 200;

/** Follows calls to calls. */
export async function lookUpCalls(
  definition: Definition,
  called: ReadonlyMap<string, Definition>,
  environment: CheckEnvironment,
): Promise<Calls> {
  const cyclesById = new Map<string, readonly string[]>();
  for (const id of awaitedCalls(definition)) {
    const cycle = await wayBack(definition.pipeline, id, called, environment);
    if (cycle !== undefined) cyclesById.set(id, cycle);
  }
  const names = called.size === 0 && everyCall(definition).length === 0 ? [] : ((await environment.pipelineNames?.()) ?? []);
  return { areJudged: environment.pipeline !== undefined && environment.pipelineNames !== undefined, names, cyclesById };
}

/** The shortest way by which a run of `from` waits for one of `home`, both ends included. */
async function wayBack(
  home: string,
  from: string,
  called: ReadonlyMap<string, Definition>,
  environment: CheckEnvironment,
): Promise<readonly string[] | undefined> {
  const seen = new Set([from]);
  const ways: (readonly string[])[] = [[from]];
  for (const way of ways) {
    const id = way.at(-1) ?? from;
    if (id === home) return way;
    if (seen.size > MAX_FOLLOWED) return undefined;
    const definition = called.get(id) ?? (await environment.pipeline?.(id));
    for (const next of definition === undefined ? [] : awaitedCalls(definition)) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

function everyCall(definition: Definition): readonly StepDefinition[] {
  return [...everyStep(definition.steps), ...everyStep(definition.onError ?? [])].filter(({ call }) => call !== undefined);
}

/** Pipelines whose end is waited for. A detached call may come back: nobody waits for anybody. */
function awaitedCalls(definition: Definition): ReadonlySet<string> {
  return new Set(everyCall(definition).flatMap(({ call, detached = false }) => (call === undefined || detached ? [] : [call])));
}

/** Checks a step that runs another pipeline. */
export function checkPipelineCall(context: StepContext, step: StepDefinition, place: Place): void {
  const { call = '', detached = false } = step;
  const inputPlace = step.with === undefined ? place : [...place, 'with'];
  const called = context.known.pipelines.get(call);
  const at = [...place, 'call'];
  if (called === undefined) {
    if (context.calls.areJudged)
      context.faults.push(
        context.source.fault('PIPELINE_UNKNOWN', `There is no pipeline \`${call}\`.`, at, {
          suggestion: nearestName(call, context.calls.names),
        }),
      );
    checkValue(context, step.with ?? {}, inputPlace);
    return;
  }
  const kind = triggerKindOf(called.trigger);
  if (kind !== 'manual' && kind !== undefined)
    tell(context, `\`${call}\` is started by \`${kind}\`; only a pipeline with \`trigger: { manual: {} }\` can be called.`, at);
  const cycle = detached ? undefined : context.calls.cyclesById.get(call);
  if (cycle !== undefined) tell(context, cycleInWords(cycle, called), at);
  if (called.input === undefined) checkValue(context, step.with ?? {}, inputPlace);
  else checkInput(context, step.with ?? {}, called.input, inputPlace, 'pipeline');
}

function cycleInWords(cycle: readonly string[], called: Definition): string {
  const home = cycle.at(-1) ?? '';
  if (cycle.length === 1)
    return called.serial === undefined
      ? `\`${home}\` would call itself and wait for it: make the call \`detached\`, or use a loop.`
      : `\`${home}\` would call itself and wait for its own serial key for ever: make the call \`detached\`, or use a loop.`;
  return `The calls go in a circle: \`${[home, ...cycle].join('` calls `')}\`.`;
}

function tell(context: StepContext, message: string, place: Place): void {
  context.faults.push(context.source.fault('PIPELINE_INVALID', message, place));
}
