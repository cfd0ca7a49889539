import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import { OAUTH_FIELDS } from './connection-record.ts';
import type { ConnectionKind } from './connection-record.ts';

const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: true });
addFormats.default(ajv);
const compiled = new WeakMap<object, ValidateFunction>();

/** Values as they are kept, or what is wrong with them. */
export interface CheckedValues {
  /** With the schema's defaults filled in. */
  readonly values: JsonObject;
  /** Messages name fields and never hold a value. */
  readonly problems: readonly Problem[];
}

/** Holds values against the schema of their kind. The fields that every `oauth2` connection has need not be in its schema. */
export function checkValues(kind: ConnectionKind, given: JsonObject): CheckedValues {
  const values = structuredClone(given);
  const named = kind.schema['properties'];
  const isNamed = (field: string): boolean => typeof named === 'object' && named !== null && Object.hasOwn(named, field);
  const isOwn = (field: string): boolean => kind.oauth2 === undefined || !OAUTH_FIELDS.includes(field) || isNamed(field);
  const checked = Object.fromEntries(Object.entries(values).filter(([field]) => isOwn(field)));
  const rest = Object.fromEntries(Object.entries(values).filter(([field]) => !isOwn(field)));
  const validate = compiled.get(kind.schema) ?? ajv.compile(kind.schema);
  compiled.set(kind.schema, validate);
  const problems = validate(checked)
    ? []
    : (validate.errors ?? []).map((error) => ({ pointer: error.instancePath, message: error.message ?? 'does not match its schema' }));
  return { values: { ...checked, ...rest }, problems };
}
