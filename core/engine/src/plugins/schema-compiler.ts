import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonObject } from '@tendril/plugin-api';
import { linearRegExp } from '../events/index.ts';
import type { Problem } from '../hub.ts';
import { nearestName } from '../nearest-name.ts';
import type { CompiledSchema } from './contract.ts';
import { toPointer } from './pointer.ts';

/** Hints of a schema that say nothing about validity. */
const ANNOTATIONS = ['x-secret', 'x-unit', 'x-widget', 'x-order', 'x-placeholder', 'x-counterexamples'];
const NOTHING_WRONG: readonly Problem[] = [];

/** Compiles the schemas of one plugin. @throws Error of ajv when a schema is no strict JSON Schema (2020-12) */
export interface SchemaCompiler {
  /** For input and settings: `validate` fills defaults in. */
  input(schema: JsonObject | boolean): CompiledSchema;
  /** For output and rows: `validate` changes nothing. */
  output(schema: JsonObject | boolean): CompiledSchema;
}

/** What of a validator's finding is told; the parent schema is there when it was asked for. */
type Finding = Pick<ErrorObject, 'instancePath' | 'keyword' | 'message'> & { readonly params: Readonly<Record<string, unknown>> } & Partial<
    Pick<ErrorObject, 'parentSchema' | 'data'>
  >;

let shared: { readonly input: Ajv2020; readonly output: Ajv2020 } | undefined;

/** Compiled schemas of different plugins share nothing: one with an `$id` gets a compiler of its own. */
export function createSchemaCompiler(): SchemaCompiler {
  return { input: (schema) => compile('input', schema), output: (schema) => compile('output', schema) };
}

function compile(use: 'input' | 'output', schema: JsonObject | boolean): CompiledSchema {
  // Making a compiler takes longer than compiling, so schemas without a name of their own share one.
  shared ??= { input: createAjv(true), output: createAjv(false) };
  const ajv = typeof schema === 'object' && hasOwnName(schema) ? createAjv(use === 'input') : shared[use];
  const validate = ajv.compile(schema);
  if ('$async' in validate) throw new Error('asynchronous schemas are not supported');
  return { schema, validate: (value) => (validate(value) ? NOTHING_WRONG : describeProblems(validate)) };
}

function hasOwnName(schema: object): boolean {
  return Object.entries(schema).some(
    ([name, value]: [string, unknown]) =>
      name === '$id' || name === '$anchor' || (typeof value === 'object' && value !== null && hasOwnName(value)),
  );
}

function createAjv(useDefaults: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allErrors: true,
    allowUnionTypes: true,
    verbose: true,
    useDefaults,
    code: { regExp: linearRegExp },
  });
  addFormats.default(ajv);
  ajv.addVocabulary(ANNOTATIONS);
  return ajv;
}

function describeProblems(validate: ValidateFunction): readonly Problem[] {
  const errors = validate.errors ?? [];
  // `if` reports that its branch failed, beside what failed in the branch.
  const telling = errors.filter((error) => error.keyword !== 'if');
  return (telling.length > 0 ? telling : errors).map(describe);
}

/** What a validator found, for people: places and expectations, never the value that was there. */
export function describe(error: Finding): Problem {
  const extra: unknown = error.params['additionalProperty'] ?? error.params['unevaluatedProperty'];
  if (typeof extra === 'string') {
    const known: unknown = error.parentSchema?.['properties'];
    const meant = typeof known === 'object' && known !== null ? nearestName(extra, Object.keys(known)) : undefined;
    return problem(`${error.instancePath}${toPointer(extra)}`, 'is not allowed here', meant);
  }
  const allowed: unknown = error.params['allowedValues'];
  if (Array.isArray(allowed)) {
    const meant = typeof error.data === 'string' ? nearestName(error.data, allowed.map(String)) : undefined;
    return problem(error.instancePath, `must be one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}`, meant);
  }
  const missing: unknown = error.params['missingProperty'];
  if (error.keyword === 'required' && typeof missing === 'string')
    return problem(`${error.instancePath}${toPointer(missing)}`, 'is missing', undefined);
  return problem(error.instancePath, error.message ?? 'does not match its schema', undefined);
}

function problem(pointer: string, message: string, suggestion: string | undefined): Problem {
  return suggestion === undefined ? { pointer, message } : { pointer, message, suggestion };
}
