import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { SCHEMA_FILES } from '../schema/index.ts';

/** What a value has wrong. */
export interface InputProblem {
  /** JSON pointer into the value. */
  readonly pointer: string;
  readonly message: string;
}

/** Validators by the names of the schemas. */
export interface Validators {
  /** For values that came as JSON. @returns all problems */
  check(name: string, value: unknown): readonly InputProblem[];
  /** For query strings: turns texts into the types of the schema, in place. @returns all problems */
  checkQuery(name: string, value: object): readonly InputProblem[];
}

const idsByName: ReadonlyMap<string, string> = new Map(
  SCHEMA_FILES.flatMap((file) => Object.keys(file.$defs).map((name): [string, string] => [name, `${file.$id}#/$defs/${name}`])),
);

/** Names of all schemas. */
export const SCHEMA_NAMES: readonly string[] = [...idsByName.keys()];

/** Compiles each schema at its first use. */
export function createValidators(): Validators {
  const strict = createAjv(false);
  const coercing = createAjv(true);
  return {
    check: (name, value) => problemsOf(compiled(strict, name), value),
    checkQuery: (name, value) => problemsOf(compiled(coercing, name), value),
  };
}

function createAjv(coerceTypes: boolean): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, coerceTypes, strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  for (const file of SCHEMA_FILES) ajv.addSchema(file);
  return ajv;
}

function compiled(ajv: Ajv2020, name: string): ValidateFunction {
  const id = idsByName.get(name);
  const validate = id === undefined ? undefined : ajv.getSchema(id);
  if (validate === undefined) throw new Error(`There is no schema ${name}.`);
  return validate;
}

function problemsOf(validate: ValidateFunction, value: unknown): readonly InputProblem[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => ({
    pointer: 'additionalProperty' in params ? `${instancePath}/${String(params['additionalProperty'])}` : instancePath,
    message: message ?? 'is not valid',
  }));
}
