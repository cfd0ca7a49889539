import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonObject } from '@tendril/plugin-api';
import { pipelineSchema } from '@tendril/schemas';
import type { PipelineFault } from '../../hub.ts';
import { blocksOf, kindOf, STEP_KINDS } from '../definition.ts';
import type { Definition, StepDefinition } from '../definition.ts';
import { parseDuration } from '../duration.ts';
import { nearestName } from '../../nearest-name.ts';
import { placeOf } from '../source.ts';
import type { PipelineSource, Place } from '../source.ts';

const MAX_STEPS = 1_000;
const MAX_DEPTH = 20;

interface Shapes {
  readonly pipeline: ValidateFunction;
  readonly stepsByKind: ReadonlyMap<string, ValidateFunction>;
  readonly names: ReadonlyMap<string, readonly string[]>;
}

let shapes: Shapes | undefined;

// Steps are judged one by one, each by the schema of its own kind, so that a fault in one is not told as a fault of every
// alternative: in this copy of the schema a step inside a step is any object.
function loadShapes(): Shapes {
  if (shapes !== undefined) return shapes;
  const whole = structuredClone(pipelineSchema as { $id: string; $defs: Record<string, JsonObject>; properties: JsonObject });
  whole.$defs['step'] = { type: 'object' };
  const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true });
  ajv.addSchema(whole);
  const kind = (name: string): ValidateFunction => ajv.compile({ $ref: `${whole.$id}#/$defs/${name}Step` });
  const names = (schema: unknown): readonly string[] => Object.keys((schema as { properties?: object }).properties ?? {});
  shapes = {
    pipeline: ajv.compile({ $ref: whole.$id }),
    stepsByKind: new Map(STEP_KINDS.map((name) => [name, kind(name)])),
    names: new Map([['', names(whole)], ...STEP_KINDS.map((name) => [name, names(whole.$defs[`${name}Step`])] as const)]),
  };
  return shapes;
}

/** Checks the shape of a pipeline: keys, types, durations, sizes. Empty when it is a `Definition`. */
export function checkShape(source: PipelineSource): readonly PipelineFault[] {
  const { pipeline } = loadShapes();
  const faults: PipelineFault[] = [];
  if (!pipeline(source.data)) faults.push(...toFaults(source, pipeline.errors ?? [], [], source.data));
  const count = { steps: 0 };
  const steps = (source.data as { readonly steps?: unknown }).steps;
  if (Array.isArray(steps)) checkSteps(source, steps, ['steps'], 1, count, faults);
  faults.push(...checkDurations(source));
  if (count.steps > MAX_STEPS)
    faults.push(
      source.fault('PIPELINE_INVALID', `There are ${String(count.steps)} steps; a pipeline has at most ${String(MAX_STEPS)}.`, ['steps']),
    );
  return faults;
}

function checkSteps(
  source: PipelineSource,
  steps: readonly unknown[],
  place: Place,
  depth: number,
  count: { steps: number },
  faults: PipelineFault[],
): void {
  if (depth > MAX_DEPTH) {
    faults.push(source.fault('PIPELINE_INVALID', `Steps are nested more than ${String(MAX_DEPTH)} deep.`, place));
    return;
  }
  for (const [index, step] of steps.entries()) {
    count.steps += 1;
    if (typeof step !== 'object' || step === null || Array.isArray(step)) continue;
    checkStep(source, step as JsonObject, [...place, index], faults);
    for (const block of blocksOf(withBlocksOnly(step as JsonObject)))
      checkSteps(source, block.steps, [...place, index, ...block.place], depth + 1, count, faults);
  }
}

/** The step with only those blocks that really are lists: the others have been found by the schema. */
function withBlocksOnly(step: JsonObject): StepDefinition {
  const isBlock = (value: unknown): boolean => Array.isArray(value);
  const isBlocks = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.values(value).every(isBlock);
  const kept = Object.entries(step).filter(([name, value]) =>
    ['then', 'else', 'default'].includes(name)
      ? isBlock(value)
      : ['cases', 'parallel'].includes(name)
        ? !isBlock(value) && isBlocks(value)
        : name === 'onError' && (isBlock(value) || isBlocks(value)),
  );
  return Object.fromEntries(kept);
}

function checkStep(source: PipelineSource, step: JsonObject, place: Place, faults: PipelineFault[]): void {
  const { stepsByKind, names } = loadShapes();
  const kind = kindOf(step);
  if (kind === undefined) {
    faults.push(unknownKind(source, step, place));
    return;
  }
  const other = STEP_KINDS.find((name) => name !== kind && name in step && name !== 'if');
  if (other !== undefined) {
    faults.push(
      source.fault('PIPELINE_INVALID', `A step does one thing: this one has \`${kind}\` and \`${other}\`.`, [...place, other], {
        at: 'key',
      }),
    );
    return;
  }
  if (kind === 'if' && !('then' in step)) {
    const meant = nearestName(
      'then',
      Object.keys(step).filter((name) => !(names.get('if') ?? []).includes(name)),
    );
    faults.push(
      meant === undefined
        ? source.fault(
            'PIPELINE_INVALID',
            'The condition decides about nothing: add `then:` with steps, or `action:` to guard an action.',
            [...place, 'if'],
            { at: 'key' },
          )
        : source.fault('PIPELINE_INVALID', `There is no key \`${meant}\` here.`, [...place, meant], { at: 'key', suggestion: 'then' }),
    );
    return;
  }
  const validate = stepsByKind.get(kind);
  if (validate !== undefined && !validate(step)) faults.push(...toFaults(source, validate.errors ?? [], place, step, names.get(kind)));
}

function unknownKind(source: PipelineSource, step: JsonObject, place: Place): PipelineFault {
  const { names } = loadShapes();
  for (const key of Object.keys(step)) {
    if (names.get('action')?.includes(key) === true) continue;
    const suggestion = nearestName(key, STEP_KINDS);
    return source.fault('PIPELINE_INVALID', `There is no key \`${key}\` here.`, [...place, key], { at: 'key', suggestion });
  }
  return source.fault(
    'PIPELINE_INVALID',
    'The step does nothing: it needs one of `action`, `if`, `switch`, `parallel`, `wait`, `set`, `stop`, `fail`.',
    place,
  );
}

function toFaults(
  source: PipelineSource,
  errors: readonly ErrorObject[],
  place: Place,
  value: JsonObject,
  names?: readonly string[],
): readonly PipelineFault[] {
  // Of a choice, the choice is told, not what each of the alternatives would have wanted.
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const isOfChoice = (error: ErrorObject): boolean =>
    error.keyword !== 'anyOf' && choices.some((path) => error.instancePath.startsWith(path));
  const told = new Set<string>();
  return errors.flatMap((error) => {
    const fault = isOfChoice(error) ? undefined : toFault(source, error, place, value, names);
    const key = `${fault?.pointer ?? ''} ${error.keyword === 'required' ? (fault?.message ?? '') : ''}`;
    if (fault === undefined || told.has(key)) return [];
    told.add(key);
    return [fault];
  });
}

function toFault(
  source: PipelineSource,
  error: ErrorObject,
  place: Place,
  value: JsonObject,
  names?: readonly string[],
): PipelineFault | undefined {
  const at = [...place, ...placeOf(error.instancePath)];
  const member = String(at.at(-1) ?? 'the file');
  const parameters = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(parameters['additionalProperty']);
      const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? names ?? {});
      return source.fault('PIPELINE_INVALID', `There is no key \`${key}\` here.`, [...at, key], {
        at: 'key',
        suggestion: nearestName(key, known),
      });
    }
    case 'required':
      return source.fault('PIPELINE_INVALID', `\`${String(parameters['missingProperty'])}\` is missing.`, at);
    case 'propertyNames':
      return source.fault(
        'PIPELINE_INVALID',
        `\`${String(parameters['propertyName'])}\` is not a name that can be used here: ${nameRule(error)}.`,
        [...at, String(parameters['propertyName'])],
        { at: 'key' },
      );
    case 'type':
      return source.fault('PIPELINE_INVALID', `\`${member}\` has to be ${typeInWords(parameters['type'])}.`, at);
    case 'enum': {
      const allowed = (parameters['allowedValues'] as readonly unknown[]).map(String);
      return source.fault('PIPELINE_INVALID', `\`${member}\` has to be one of ${allowed.map((name) => `\`${name}\``).join(', ')}.`, at, {
        suggestion: nearestName(String(error.data), allowed),
      });
    }
    case 'pattern':
    case 'anyOf':
      return source.fault('PIPELINE_INVALID', `\`${printable(error.data)}\` is not ${patternInWords(error, member, value)}.`, at);
    case 'minItems':
    case 'minProperties':
      return source.fault('PIPELINE_INVALID', `\`${member}\` is empty.`, at);
    case 'minimum':
    case 'maximum':
    case 'maxLength':
    case 'minLength':
    case 'maxItems':
    case 'maxProperties':
    case 'uniqueItems':
      return source.fault('PIPELINE_INVALID', `\`${member}\` ${error.message ?? 'is not valid'}.`, at);
    default:
      return undefined;
  }
}

function printable(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function patternInWords(error: ErrorObject, member: string, value: JsonObject): string {
  const isDuration = ['timeout', 'maxAge', 'initial', 'max'].includes(member) || (member === 'wait' && kindOf(value) === 'wait');
  if (member === 'wait' && typeof error.data === 'object')
    return 'something to wait for: write `wait: 3d` or `wait: { until: 2030-01-31T09:00:00Z }`';
  if (isDuration) return 'a duration: write `30s`, `5m`, `2h`, `3d` or ISO 8601 such as `PT30S`';
  if (member === 'action') return 'the name of an action: write `plugin.action`';
  if (member === 'onError') return 'steps, or steps by error code in capitals (`*` for the others)';
  if (error.keyword === 'anyOf') return `a value that \`${member}\` can have`;
  return nameRule(error);
}

function nameRule(error: ErrorObject): string {
  const path = error.schemaPath;
  if (path.includes('onError')) return 'an error code in capitals, or `*`';
  return path.includes('settings') || path.includes('/set/')
    ? 'a name of letters, digits and `_`'
    : 'a name of lower-case letters, digits and single `_` that begins with a letter';
}

function typeInWords(type: unknown): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'an object',
    array: 'a list',
    boolean: '`true` or `false`',
    integer: 'a whole number',
    number: 'a number',
  };
  return (Array.isArray(type) ? type : [type]).map((name) => words[String(name)] ?? String(name)).join(' or ');
}

/** Durations of the right form that are too long. */
function checkDurations(source: PipelineSource): readonly PipelineFault[] {
  const faults: PipelineFault[] = [];
  const check = (value: unknown, place: Place): void => {
    if (
      typeof value !== 'string' ||
      value.includes('${{') ||
      parseDuration(value) !== undefined ||
      !/^(P|\d)/.test(value) ||
      !/^[\w.]+$/.test(value)
    )
      return;
    if (/^(?:(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+|P[\dWDTHMS.]+)$/.test(value))
      faults.push(source.fault('PIPELINE_INVALID', `\`${value}\` is longer than ten years.`, place));
  };
  const { timeout, trigger } = source.data as Partial<Definition>;
  check(timeout, ['timeout']);
  check((trigger as { maxAge?: unknown } | undefined)?.maxAge, ['trigger', 'maxAge']);
  const visit = (value: unknown, place: Place): void => {
    if (!Array.isArray(value)) return;
    for (const [index, step] of (value as readonly unknown[]).entries()) {
      if (typeof step !== 'object' || step === null) continue;
      const {
        timeout: stepTimeout,
        wait,
        retry,
      } = step as { timeout?: unknown; wait?: unknown; retry?: { initial?: unknown; max?: unknown } };
      const at = [...place, index];
      check(stepTimeout, [...at, 'timeout']);
      check(wait, [...at, 'wait']);
      check(retry?.initial, [...at, 'retry', 'initial']);
      check(retry?.max, [...at, 'retry', 'max']);
      if (place.length < 200) for (const block of blocksOf(withBlocksOnly(step as JsonObject))) visit(block.steps, [...at, ...block.place]);
    }
  };
  visit(source.data['steps'], ['steps']);
  return faults;
}
