import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import type { ConnectionKind } from './connection-record.ts';

const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(ajv);
const compiled = new WeakMap<object, ValidateFunction>();

/** What is wrong with the values by the schema of their kind. Messages name fields and never hold a value. */
export function findConnectionProblems(kind: ConnectionKind, values: JsonObject): readonly Problem[] {
  const validate = compiled.get(kind.schema) ?? ajv.compile(kind.schema);
  compiled.set(kind.schema, validate);
  if (validate(values)) return [];
  return (validate.errors ?? []).map((error) => ({ pointer: error.instancePath, message: error.message ?? 'does not match its schema' }));
}
