import type { JsonObject } from '@tendril/plugin-api';
import { callKey, eventOf } from '../definition.ts';
import type { Definition, StepDefinition } from '../definition.ts';
import type { CheckEnvironment } from './contract.ts';
import { everyStep } from './root-schemas.ts';
import type { Known } from './root-schemas.ts';

type Call = Pick<StepDefinition, 'action' | 'connection'>;

/** Finds everything that a pipeline names: each thing is asked for once. */
export async function lookUp(definition: Definition, environment: CheckEnvironment): Promise<Known> {
  const steps = [...everyStep(definition.steps), ...everyStep(definition.onError ?? [])];
  const calls = new Map(steps.flatMap(actionsOf).map((call) => [callKey(call), call] as const));
  const called = new Set(steps.flatMap(({ call }) => call ?? []));
  const [actionsByCall, eventSchemas, pipelines] = await Promise.all([
    allFound([...calls], ({ action = '', connection }) => environment.findAction(action, connection)),
    allFound(
      eventNames(definition, steps).map((name) => [name, name] as const),
      async (name): Promise<JsonObject | undefined> => environment.eventSchema?.(name),
    ),
    allFound(
      [...called].map((id) => [id, id] as const),
      // The file itself is newer than what is deployed under its name.
      async (id) => (id === definition.pipeline ? definition : environment.pipeline?.(id)),
    ),
  ]);
  const sourceOutput = environment.sources?.().find(({ name }) => name === definition.trigger.source)?.output;
  return { actionsByCall, eventSchemas, pipelines, sourceOutput };
}

function actionsOf({ action, connection, forEach }: StepDefinition): readonly Call[] {
  const own = action === undefined ? [] : [{ action, ...(connection === undefined ? {} : { connection }) }];
  return typeof forEach === 'object' ? [...own, forEach] : own;
}

function eventNames({ trigger }: Definition, steps: readonly StepDefinition[]): readonly string[] {
  const awaited = steps.flatMap(({ wait }) => (typeof wait === 'object' && 'event' in wait ? [wait.event] : []));
  return [...new Set([...[eventOf(trigger) ?? []].flat(), ...awaited])];
}

async function allFound<Asked, Found>(
  asked: readonly (readonly [string, Asked])[],
  find: (asked: Asked) => Promise<Found | undefined>,
): Promise<ReadonlyMap<string, Found>> {
  const found = await Promise.all(asked.map(async ([key, what]) => [key, await find(what)] as const));
  return new Map(found.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}
