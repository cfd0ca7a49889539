import { createSchemaCompiler, toPointer } from '@tendril/engine/plugins';
import type { JsonObject } from '@tendril/plugin-api';
import type { Check, Finding, Outcome } from '../contract.ts';
import type { CaseRunner } from '../bench/case-runner.ts';
import { Replay } from '../service/replay.ts';
import type { World } from '../world.ts';
import { describeError } from './describe-error.ts';
import { successful } from './faults.ts';

/** Actions that give choices or fields of others give such as forms can be made of. */
export function dynamicChecks(world: World, runners: readonly CaseRunner[]): readonly Check[] {
  const { actions = {} } = world.plugin.manifest.contributes;
  return Object.entries(actions).flatMap(([id, { dynamic = {} }]) =>
    Object.entries(dynamic).map(([place, { action: source, as }]) => ({
      id: `dynamic/${id}${place}`,
      title: `${source} gives the ${as} of ${place} in ${id}`,
      run: async (): Promise<Outcome> => {
        const sources = successful(runners).filter(({ recorded }) => recorded.recording.action === source);
        if (sources.length === 0) return { skipped: `there is no recording of ${source}` };
        const outcomes = await Promise.all(sources.map((runner) => giveOf(runner, as)));
        const pointer = toPointer('contributes', 'actions', id, 'dynamic', place);
        return { findings: outcomes.flat().map((finding) => ({ file: 'plugin.json', pointer, ...finding })) };
      },
    })),
  );
}

async function giveOf(runner: CaseRunner, as: 'choices' | 'fields'): Promise<readonly Finding[]> {
  const ended = await runner.run({ respond: new Replay(runner.recorded.recording.exchanges).respond });
  if ('error' in ended) return [{ message: `${runner.recorded.recording.action} fails with ${describeError(ended.error)}` }];
  const output = ended.output as JsonObject | null;
  return as === 'choices' ? problemsOfChoices(output?.['items']) : problemsOfFields(output?.['schema']);
}

function problemsOfChoices(items: unknown): readonly Finding[] {
  if (!Array.isArray(items)) return [{ message: 'output.items has to be a list', mend: 'give `{ "items": [{ "value", "title" }] }`' }];
  const wrong = items.findIndex((item: unknown) => {
    if (typeof item !== 'object' || item === null) return true;
    return !('value' in item) || typeof (item as { readonly title?: unknown }).title !== 'string';
  });
  return wrong < 0
    ? []
    : [{ message: `output.items/${String(wrong)} has no value or no title`, mend: 'give `{ "value", "title" }` for each' }];
}

function problemsOfFields(schema: unknown): readonly Finding[] {
  const mend = 'give `{ "schema": { "type": "object", "properties": { … } } }`';
  if (typeof schema !== 'object' || schema === null || (schema as JsonObject)['type'] !== 'object')
    return [{ message: 'output.schema has to be the JSON Schema of an object', mend }];
  try {
    createSchemaCompiler().input(schema as JsonObject);
    return [];
  } catch (error) {
    return [{ message: `output.schema does not compile: ${error instanceof Error ? error.message : 'unknown'}`, mend }];
  }
}
