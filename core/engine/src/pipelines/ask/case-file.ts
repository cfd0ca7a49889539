import type { PipelineTest } from '@tendril/schemas';
import { pipelineTestSchema, validatePipelineTest } from '@tendril/schemas';
import type { SchemaProblem } from '@tendril/schemas';
import type { PipelineFault } from '../contract.ts';
import { nearestName } from '../../nearest-name.ts';
import { placeOf, readSource } from '../source.ts';
import type { PipelineSource } from '../source.ts';

/** One case with everything that its file says for all. */
export type TestCase = PipelineTest['cases'][number];

/** Reads a file of cases. Never throws: what is wrong comes back as faults with their places. */
export function readCases(text: string, file: string): { readonly test: PipelineTest } | { readonly faults: readonly PipelineFault[] } {
  const read = readSource(text, file);
  if ('faults' in read) return { faults: read.faults };
  const { source } = read;
  if (validatePipelineTest(source.data)) return { test: withDefaults(source.data as unknown as PipelineTest) };
  return { faults: toFaults(source, validatePipelineTest.errors ?? []) };
}

function withDefaults({ defaults = {}, ...test }: PipelineTest): PipelineTest {
  const cases = test.cases.map((one) => ({
    ...defaults,
    ...one,
    settings: { ...defaults.settings, ...one.settings },
    actions: { ...defaults.actions, ...one.actions },
  }));
  return { ...test, cases: cases as unknown as PipelineTest['cases'] };
}

function toFaults(source: PipelineSource, problems: readonly SchemaProblem[]): readonly PipelineFault[] {
  // Of a choice, the choice is told, not what each of the alternatives would have wanted.
  const choices = problems.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const told = problems.filter(
    ({ keyword, instancePath }) => keyword === 'anyOf' || !choices.some((path) => instancePath.startsWith(path)),
  );
  return told.map((problem) => {
    const place = placeOf(problem.instancePath);
    const key = problem.params['additionalProperty'];
    if (typeof key === 'string')
      return source.fault('INPUT_INVALID', `There is no key \`${key}\` here.`, [...place, key], {
        at: 'key',
        suggestion: nearestName(key, KEYS),
      });
    return source.fault('INPUT_INVALID', `\`${String(place.at(-1) ?? 'the file')}\` ${problem.message ?? 'is not valid'}.`, place);
  });
}

/** Every key that a file of cases may have somewhere. */
const KEYS = [...keysOf(pipelineTestSchema)];

function* keysOf(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [keyword, value] of Object.entries(schema as Readonly<Record<string, unknown>>)) {
    if (keyword === 'examples' || keyword === 'x-counterexamples') continue;
    if (keyword === 'properties' && typeof value === 'object' && value !== null) yield* Object.keys(value);
    yield* keysOf(value);
  }
}
