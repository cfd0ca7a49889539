import type { PipelineFault } from '../../hub.ts';
import { compilePipeline } from '../compile.ts';
import { triggerKindOf } from '../definition.ts';
import type { Definition } from '../definition.ts';
import { createTypeChecker } from '../../expressions/index.ts';
import type { RootSchemas } from '../../expressions/index.ts';
import { readSource } from '../source.ts';
import type { PipelineSource } from '../source.ts';
import { lookUpCalls } from './call-checks.ts';
import { checkSettings } from './check-settings.ts';
import { withRoots } from './expression-checks.ts';
import type { CheckEnvironment, CheckResult } from './contract.ts';
import { fieldsReadBy } from './fields-read.ts';
import { checkFlow } from './flow-checks.ts';
import { checkValue } from './input-checks.ts';
import { lookUp } from './look-up.ts';
import { everyStep, failedRunSchema, rootSchemas } from './root-schemas.ts';
import { checkShape } from './shape.ts';
import type { ShapeResult } from './shape.ts';
import { checkSteps } from './step-checks.ts';
import type { StepContext } from './step-context.ts';
import { checkTrigger, hasPerson, rootsOf } from './trigger-checks.ts';

export type { CheckEnvironment, CheckResult } from './contract.ts';

/** Checks a pipeline from its text to the types of its values. Never throws on a bad pipeline; lists all faults, by place. */
export async function checkPipeline(text: string, file: string | undefined, environment: CheckEnvironment): Promise<CheckResult> {
  const read = readSource(text, file);
  if ('faults' in read) return { faults: sorted(read.faults) };
  const { source } = read;
  const shape = checkShape(source);
  // What has no right shape is told, and the rest is judged further.
  const meaning = shape.sound === undefined ? [] : await checkMeaning(source, shape.sound, shape, environment);
  const faults = [...shape.faults, ...meaning];
  if (faults.length > 0) return { faults: sorted(faults) };
  const definition = source.data as unknown as Definition;
  return { faults, definition, compiled: compilePipeline(definition) };
}

/** Reads a definition without judging what it means; `undefined` when its shape is not right. */
export function readDefinition(text: string): Definition | undefined {
  const read = readSource(text);
  if ('faults' in read || checkShape(read.source).faults.length > 0) return undefined;
  return read.source.data as unknown as Definition;
}

function sorted(faults: readonly PipelineFault[]): readonly PipelineFault[] {
  return faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

async function checkMeaning(
  source: PipelineSource,
  definition: Definition,
  { leftOut, hasNamelessSteps }: ShapeResult,
  environment: CheckEnvironment,
): Promise<readonly PipelineFault[]> {
  const faults: PipelineFault[] = [];
  const fields = fieldsReadBy(definition);
  const typesOf = (schemas: RootSchemas): ReturnType<typeof createTypeChecker> => createTypeChecker(schemas, fields);
  const found = await lookUp(definition, environment);
  const schemas = rootSchemas(definition, found, leftOut);
  const kind = leftOut.has('trigger') ? undefined : triggerKindOf(definition.trigger);
  const context: StepContext = {
    source,
    faults,
    schemas,
    types: typesOf(schemas),
    typesOf,
    visible: new Set(),
    loopIds: new Set(everyStep(definition.steps).flatMap(({ do: body = [] }) => everyStep(body).flatMap(({ id }) => id ?? []))),
    isUnsure: hasNamelessSteps,
    roots: ['event', 'profile', 'settings'],
    known: found,
    actionNames: environment.actionNames(),
    connections: await environment.connections(),
    calls: await lookUpCalls(definition, found.pipelines, environment),
    placesById: new Map(),
    each: {},
    hasPerson: kind === undefined || hasPerson(kind),
  };
  if (!leftOut.has('settings')) faults.push(...checkSettings(source, definition));
  checkTrigger(context, definition, leftOut, environment.sources?.());
  checkFlow(context, definition, kind);
  const inSteps = { ...context, roots: rootsOf(definition, kind, 'step') };
  const visible = checkSteps(inSteps, definition.steps, ['steps']);
  if (definition.output !== undefined) checkValue({ ...inSteps, visible }, definition.output, ['output']);
  if (definition.onError !== undefined)
    checkSteps(withRoots({ ...inSteps, visible }, { run: failedRunSchema() }), definition.onError, ['onError']);
  return faults;
}
