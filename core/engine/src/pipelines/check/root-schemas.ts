import type { JsonObject } from '@tendril/plugin-api';
import type { ActionDescription } from '../../actions/contract.ts';
import { blocksOf, callKey, kindOf } from '../definition.ts';
import type { Definition, StepDefinition } from '../definition.ts';
import type { RootSchemas } from '../expressions/types.ts';

const TEXT: JsonObject = { type: 'string' };
const ANY: JsonObject = {};
/** A moment: a Date at run time, a timestamp in CEL. */
const MOMENT: JsonObject = { 'x-moment': true };

function closed(properties: JsonObject): JsonObject {
  return { type: 'object', properties, additionalProperties: false };
}

/** Schemas of what the expressions of a pipeline can read. */
export function rootSchemas(
  definition: Definition,
  actionsByCall: ReadonlyMap<string, ActionDescription>,
  eventSchema: JsonObject | undefined,
): RootSchemas {
  const properties = (eventSchema?.['properties'] as JsonObject | undefined)?.['properties'] ?? eventSchema ?? ANY;
  return {
    event: closed({
      id: TEXT,
      name: TEXT,
      kind: TEXT,
      userId: TEXT,
      anonymousId: TEXT,
      groupId: TEXT,
      properties: properties,
      traits: ANY,
      context: ANY,
      occurredAt: MOMENT,
      receivedAt: MOMENT,
      isTest: { type: 'boolean' },
    }),
    profile: { type: 'object', properties: { id: TEXT, traits: ANY, identities: ANY } },
    run: closed({ id: TEXT, pipeline: TEXT, version: { type: 'number' }, startedAt: MOMENT, isTest: { type: 'boolean' } }),
    settings: closed(Object.fromEntries(Object.entries(definition.settings ?? {}).map(([name, { type }]) => [name, { type }]))),
    steps: closed(Object.fromEntries([...stepsById(definition)].map(([id, step]) => [id, stepSchema(step, actionsByCall)]))),
  };
}

function stepSchema(step: StepDefinition, actionsByCall: ReadonlyMap<string, ActionDescription>): JsonObject {
  return closed({ output: outputSchema(step, actionsByCall), state: TEXT, error: closed({ code: TEXT, message: TEXT, details: ANY }) });
}

function outputSchema(step: StepDefinition, actionsByCall: ReadonlyMap<string, ActionDescription>): JsonObject {
  if (step.action !== undefined) return actionsByCall.get(callKey(step))?.output ?? ANY;
  if (step.set !== undefined) return closed(Object.fromEntries(Object.keys(step.set).map((name) => [name, ANY])));
  return ANY;
}

/** Every step that has an id, at any depth; of two with the same id the first. */
export function stepsById(definition: Definition): ReadonlyMap<string, StepDefinition> {
  const steps = new Map<string, StepDefinition>();
  const visit = (list: readonly StepDefinition[]): void => {
    for (const step of list) {
      if (step.id !== undefined && !steps.has(step.id) && kindOf(step) !== undefined) steps.set(step.id, step);
      for (const block of blocksOf(step)) visit(block.steps);
    }
  };
  visit(definition.steps);
  return steps;
}
