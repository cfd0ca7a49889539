import type { JsonObject } from '@tendril/plugin-api';
import type { ActionDescription } from '../../actions/contract.ts';
import type { ConnectionInfo, PipelineFault } from '../../hub.ts';
import { compilePipeline } from '../compile.ts';
import type { CompiledPipeline } from '../compiled.ts';
import { blocksOf, callKey, eventOf } from '../definition.ts';
import type { Definition, StepDefinition } from '../definition.ts';
import { compileExpression } from '../expressions/expression.ts';
import { splitTemplate } from '../expressions/template.ts';
import { createTypeChecker } from '../expressions/types.ts';
import { readSource } from '../source.ts';
import type { PipelineSource, Place } from '../source.ts';
import { checkSettings } from './check-settings.ts';
import { checkCondition } from './expression-checks.ts';
import { rootSchemas } from './root-schemas.ts';
import { checkShape } from './shape.ts';
import { checkSteps } from './step-checks.ts';

/** What a pipeline is checked against. */
export interface CheckEnvironment {
  /** By `plugin.action`, or by capability: then the connection of the step says whose action it is. */
  findAction(name: string, connection?: string): Promise<ActionDescription | undefined>;
  /** For suggestions. */
  actionNames(): readonly string[];
  /** `undefined` where they cannot be known, as without a hub: then they are not checked. */
  connections(): Promise<readonly Pick<ConnectionInfo, 'name' | 'plugin' | 'kind'>[] | undefined>;
  /** The schema of an event's properties, where the tenant has one. */
  eventSchema?(name: string): Promise<JsonObject | undefined>;
  /** The pipeline that a `call` means. Without it calls are not judged. */
  pipeline?(id: string): Promise<Definition | undefined>;
  /** For suggestions. */
  pipelineNames?(): Promise<readonly string[]>;
}

/** What checking came to; `compiled` and `definition` are there when there is no fault. */
export interface CheckResult {
  readonly faults: readonly PipelineFault[];
  readonly definition?: Definition;
  readonly compiled?: CompiledPipeline;
}

/** Checks a pipeline from its text to the types of its values. Never throws on a bad pipeline; lists all faults, by place. */
export async function checkPipeline(text: string, file: string | undefined, environment: CheckEnvironment): Promise<CheckResult> {
  const read = readSource(text, file);
  if ('faults' in read) return { faults: sorted(read.faults) };
  const { source } = read;
  const shapeFaults = checkShape(source);
  // Only a part that has the right shape can be judged further; the others are told first.
  if (shapeFaults.length > 0) return { faults: sorted(shapeFaults) };
  const definition = source.data as unknown as Definition;
  const faults = [...checkSettings(source, definition), ...(await checkMeaning(source, definition, environment))];
  return faults.length > 0 ? { faults: sorted(faults) } : { faults, definition, compiled: compilePipeline(definition) };
}

function sorted(faults: readonly PipelineFault[]): readonly PipelineFault[] {
  return faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

async function checkMeaning(
  source: PipelineSource,
  definition: Definition,
  environment: CheckEnvironment,
): Promise<readonly PipelineFault[]> {
  const fields = new Set<string>();
  const calls = new Map(everyStep(definition.steps).flatMap((step) => (step.action === undefined ? [] : [[callKey(step), step] as const])));
  for (const text of textsOf(definition)) for (const field of fieldsRead(text)) fields.add(field);
  const found = await Promise.all(
    [...calls].map(async ([key, { action = '', connection }]) => [key, await environment.findAction(action, connection)] as const),
  );
  const actionsByCall = new Map(found.flatMap(([key, action]) => (action === undefined ? [] : [[key, action] as const])));
  const event = eventOf(definition.trigger);
  const eventSchema = event === undefined ? undefined : await environment.eventSchema?.(event);
  const schemas = rootSchemas(definition, actionsByCall, eventSchema);
  const types = createTypeChecker(schemas, fields);
  const faults: PipelineFault[] = [];
  const shared = { source, types, schemas, faults };
  checkCondition({ ...shared, roots: ['event', 'profile', 'settings'], visible: new Set() }, definition.trigger.where, [
    'trigger',
    'where',
  ]);
  const connections = await environment.connections();
  const context = {
    ...shared,
    roots: ['event', 'profile', 'steps', 'settings', 'run'],
    actionsByCall,
    actionNames: environment.actionNames(),
    connections,
    placesById: new Map<string, Place>(),
  };
  checkSteps(context, definition.steps, ['steps'], new Set());
  return faults;
}

function everyStep(steps: readonly StepDefinition[]): readonly StepDefinition[] {
  return steps.flatMap((step) => [step, ...blocksOf(step).flatMap((block) => everyStep(block.steps))]);
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) yield* textsOf(member);
}

/** Field names that the text reads, taken as a condition and as a text with `${{ }}`. */
function fieldsRead(text: string): ReadonlySet<string> {
  const sources = text.includes('${{')
    ? splitTemplate(text).parts.flatMap((part) => ('expression' in part ? [part.expression] : []))
    : [text];
  const fields = sources.flatMap((source) => {
    const compiled = source.length > 0 ? compileExpression(source) : undefined;
    return compiled !== undefined && 'expression' in compiled ? [...compiled.expression.reading.fields] : [];
  });
  return new Set(fields);
}
