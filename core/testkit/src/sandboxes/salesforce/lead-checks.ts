import { textOf } from '../tokens.ts';
import { FIELDS_BY_NAME, LEAD_FIELDS } from './lead-fields.ts';
import type { LeadField } from './lead-fields.ts';

/** An entry of the vendor's error answer. */
export interface VendorError {
  readonly message: string;
  readonly errorCode: string;
  readonly fields?: readonly string[];
}

/** The fields of a request under their own spelling, or what is wrong with them. */
export type Checked = { readonly fields: Readonly<Record<string, unknown>> } | { readonly errors: readonly VendorError[] };

const EMAIL = /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.[^\s@<>(),;:".]+$/;
const NUMBERS: ReadonlySet<LeadField['type']> = new Set(['double', 'int', 'currency']);

function cannotParse(type: string, value: unknown): VendorError {
  const token =
    typeof value === 'object'
      ? 'START_OBJECT'
      : `VALUE_${typeof value === 'string' ? 'STRING' : typeof value === 'number' ? 'NUMBER' : textOf(value).toUpperCase()}`;
  return {
    message: `Cannot deserialize instance of ${type} from ${token} value ${textOf(value)} or request may be missing a required field at [line:1, column:2]`,
    errorCode: 'JSON_PARSER_ERROR',
  };
}

function checkType(field: LeadField, value: unknown): VendorError | undefined {
  if (NUMBERS.has(field.type)) {
    const isFine = typeof value === 'number' && (field.type !== 'int' || Number.isInteger(value));
    return isFine ? undefined : cannotParse(field.type === 'int' ? 'int' : 'double', value);
  }
  if (field.type === 'boolean') return typeof value === 'boolean' ? undefined : cannotParse('boolean', value);
  // Numbers and booleans are taken as text, as the vendor's parser does; objects and arrays are not.
  return typeof value === 'object' ? cannotParse('string', value) : undefined;
}

function checkValue(field: LeadField, value: unknown): VendorError | undefined {
  const name = field.name;
  if (field.type === 'email' && !EMAIL.test(String(value)))
    return { message: `${field.label}: invalid email address: ${String(value)}`, errorCode: 'INVALID_EMAIL_ADDRESS', fields: [name] };
  if (field.length > 0 && String(value).length > field.length) {
    return {
      message: `${field.label}: data value too large: ${String(value).slice(0, 60)} (max length=${field.length})`,
      errorCode: 'STRING_TOO_LONG',
      fields: [name],
    };
  }
  if (field.values !== undefined && !field.values.includes(String(value))) {
    return {
      message: `${field.label}: bad value for restricted picklist field: ${String(value)}`,
      errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      fields: [name],
    };
  }
  return undefined;
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}

/** Holds a request's fields against the object's description, in the vendor's order: shape, then names, then values, then what is required. */
export function checkLead(body: unknown, isCreate: boolean): Checked {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return {
      errors: [{ message: 'The HTTP entity body is required, but this request has no entity body.', errorCode: 'JSON_PARSER_ERROR' }],
    };
  }
  const fields: Record<string, unknown> = {};
  const faults: VendorError[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name === 'attributes') continue;
    const field = FIELDS_BY_NAME.get(name.toLowerCase());
    if (field === undefined)
      return { errors: [{ message: `No such column '${name}' on sobject of type Lead`, errorCode: 'INVALID_FIELD' }] };
    if (field.isReadOnly === true) {
      return {
        errors: [
          {
            message: `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
            errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
            fields: [field.name],
          },
        ],
      };
    }
    const mistyped = isBlank(value) ? undefined : checkType(field, value);
    if (mistyped !== undefined) return { errors: [mistyped] };
    const fault = isBlank(value) ? undefined : checkValue(field, value);
    if (fault !== undefined) faults.push(fault);
    fields[field.name] = isBlank(value) ? null : field.length > 0 ? String(value) : value;
  }
  const missing = LEAD_FIELDS.filter(
    (field) => field.isRequired === true && (isCreate ? isBlank(fields[field.name]) : field.name in fields && fields[field.name] === null),
  ).map((field) => field.name);
  if (missing.length > 0)
    faults.push({ message: `Required fields are missing: [${missing.join(', ')}]`, errorCode: 'REQUIRED_FIELD_MISSING', fields: missing });
  return faults.length > 0 ? { errors: faults } : { fields };
}
