import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionDescription } from '../../actions/contract.ts';
import { blocksOf, callKey, eventOf, triggerKindOf } from '../definition.ts';
import type { Definition, StepDefinition, TriggerDefinition } from '../definition.ts';
import type { RootSchemas } from '../../expressions/index.ts';
import { schemaProblem } from './schema-problem.ts';

const TEXT: JsonObject = { type: 'string' };
const NUMBER: JsonObject = { type: 'number' };
const ANY: JsonObject = {};
const ANY_OBJECT: JsonObject = { type: 'object' };
/** A moment: a Date at run time, a timestamp in CEL. */
const MOMENT: JsonObject = { 'x-moment': true };
const ERROR: JsonObject = closed({ code: TEXT, message: TEXT, details: ANY });

/** What is known of the things that a pipeline names. */
export interface Known {
  /** By `callKey`. */
  readonly actionsByCall: ReadonlyMap<string, ActionDescription>;
  /** Schemas of events' properties by name. */
  readonly eventSchemas: ReadonlyMap<string, JsonObject>;
  /** Pipelines that are called, by id. */
  readonly pipelines: ReadonlyMap<string, Definition>;
  /** One item of the plugin's trigger. */
  readonly sourceOutput: JsonObject | undefined;
}

function closed(properties: JsonObject): JsonObject {
  return { type: 'object', properties, additionalProperties: false };
}

/** Schemas of what the expressions of a pipeline can read. @param leftOut members whose shape is not right: of any type */
export function rootSchemas(definition: Definition, known: Known, leftOut: ReadonlySet<string>): RootSchemas {
  const name = eventOf(definition.trigger);
  const event = eventSchema(name === undefined ? undefined : known.eventSchemas.get(name), MOMENT);
  return {
    event: leftOut.has('trigger') ? ANY : event,
    events: { type: 'array', items: event },
    profile: { type: 'object', properties: { id: TEXT, traits: ANY, identities: ANY } },
    run: runSchema({}),
    input: leftOut.has('trigger') || leftOut.has('input') ? ANY : inputSchema(definition, known),
    settings: leftOut.has('settings') ? ANY : settingsSchema(definition),
    steps: closed(Object.fromEntries([...stepsById(definition)].map(([id, step]) => [id, stepSchema(step, known)]))),
  };
}

/** An event. @param moment what its times are: at run time Dates, in a result numbers */
export function eventSchema(schema: JsonObject | undefined, moment: JsonObject): JsonObject {
  const properties = (schema?.['properties'] as JsonObject | undefined)?.['properties'] ?? schema ?? ANY;
  return closed({
    id: TEXT,
    name: TEXT,
    kind: TEXT,
    userId: TEXT,
    anonymousId: TEXT,
    groupId: TEXT,
    properties,
    traits: ANY,
    context: ANY,
    occurredAt: moment,
    receivedAt: moment,
    isTest: { type: 'boolean' },
    appId: TEXT,
  });
}

/** The event that a wait's condition reads as `arrived`. */
export function arrivedSchema(name: string, known: Known): JsonObject {
  return eventSchema(known.eventSchemas.get(name), MOMENT);
}

/** What the steps read that are done when a run has failed. */
export function failedRunSchema(): JsonObject {
  return runSchema({ error: ERROR });
}

function runSchema(more: JsonObject): JsonObject {
  return closed({ id: TEXT, pipeline: TEXT, version: NUMBER, startedAt: MOMENT, isTest: { type: 'boolean' }, ...more });
}

function settingsSchema({ settings = {} }: Definition): JsonObject {
  return closed(Object.fromEntries(Object.entries(settings).map(([name, { type }]) => [name, { type }])));
}

function inputSchema({ trigger, input: declared }: Definition, { sourceOutput }: Known): JsonObject {
  const input = usable(declared);
  switch (triggerKindOf(trigger)) {
    case 'webhook':
      return closed({ body: bodySchema(trigger), headers: ANY_OBJECT, query: ANY_OBJECT, ...propertiesOf(input) });
    case 'schedule':
      return closed({ scheduledAt: TEXT, ...propertiesOf(input) });
    case 'source':
      return sourceOutput ?? ANY;
    default:
      return input ?? ANY;
  }
}

function bodySchema({ webhook }: TriggerDefinition): JsonObject {
  return (typeof webhook?.schema === 'object' ? usable(webhook.schema) : undefined) ?? ANY;
}

/** One that cannot be used is told elsewhere, and says nothing here. */
function usable(schema: JsonObject | undefined): JsonObject | undefined {
  return schema === undefined || schemaProblem(schema) !== undefined ? undefined : schema;
}

function propertiesOf(schema: JsonObject | undefined): JsonObject {
  return (schema?.['properties'] as JsonObject | undefined) ?? {};
}

function stepSchema(step: StepDefinition, known: Known): JsonObject {
  return closed({ output: outputSchema(step, known), state: TEXT, error: ERROR });
}

function outputSchema(step: StepDefinition, known: Known): JsonObject {
  if (step.action !== undefined) return known.actionsByCall.get(callKey(step))?.output ?? ANY;
  if (step.set !== undefined)
    return closed(Object.fromEntries(Object.entries(step.set).map(([name, value]) => [name, literalSchema(value)])));
  if (step.forEach !== undefined) return loopSchema(step);
  if (step.approve !== undefined) return closed({ by: TEXT, comment: TEXT, decidedAt: TEXT });
  if (step.emit !== undefined) return closed({ id: TEXT });
  if (typeof step.wait === 'object' && 'event' in step.wait) return eventSchema(known.eventSchemas.get(step.wait.event), ANY);
  return step.call === undefined ? ANY : callSchema(step, known);
}

function loopSchema({ collect }: StepDefinition): JsonObject {
  return closed({ count: NUMBER, failed: NUMBER, ...(collect === undefined ? {} : { collected: { type: 'array', items: ANY } }) });
}

function callSchema({ call = '', detached = false }: StepDefinition, { pipelines }: Known): JsonObject {
  if (detached) return closed({ runId: TEXT });
  const called = pipelines.get(call);
  if (called === undefined) return ANY;
  return closed(Object.fromEntries(Object.entries(called.output ?? {}).map(([name, value]) => [name, literalSchema(value)])));
}

/** Of what is written out the type is known; what an expression gives may be anything. */
function literalSchema(value: Json | undefined): JsonObject {
  if (typeof value === 'string') return /^\$\{\{[\s\S]*\}\}$/.test(value) ? ANY : TEXT;
  if (typeof value === 'number') return NUMBER;
  return typeof value === 'boolean' ? { type: 'boolean' } : ANY;
}

/** The schema of a field, as far as it is said; `undefined` when it is not. */
export function schemaAt(schema: JsonObject | undefined, path: readonly string[]): JsonObject | undefined {
  let current = schema;
  for (const field of path) {
    const properties = current?.['properties'] as JsonObject | undefined;
    current = properties !== undefined && Object.hasOwn(properties, field) ? (properties[field] as JsonObject) : undefined;
  }
  return current;
}

/** Every step that has an id, at any depth; of two with the same id the first. */
export function stepsById(definition: Definition): ReadonlyMap<string, StepDefinition> {
  const steps = new Map<string, StepDefinition>();
  for (const step of [...everyStep(definition.steps), ...everyStep(definition.onError ?? [])])
    if (step.id !== undefined && !steps.has(step.id)) steps.set(step.id, step);
  return steps;
}

/** Every step, at any depth. */
export function everyStep(steps: readonly StepDefinition[]): readonly StepDefinition[] {
  return steps.flatMap((step) => [step, ...blocksOf(step).flatMap((block) => everyStep(block.steps))]);
}
