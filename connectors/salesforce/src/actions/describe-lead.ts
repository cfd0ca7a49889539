import type { ActionHandler } from '@tendril/plugin-api';
import { openSalesforce } from '../client.ts';
import type { DescribedField } from '../client.ts';
import type { DescribeLeadInput, DescribeLeadOutput, Settings } from '../gen/manifest.gen.ts';

const JSON_TYPES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  int: 'integer',
  double: 'number',
  currency: 'number',
  percent: 'number',
};
const FORMATS: Readonly<Record<string, string>> = { email: 'email', date: 'date', datetime: 'date-time' };

function toSchema(field: DescribedField): object {
  const type = JSON_TYPES[field.type] ?? 'string';
  const format = FORMATS[field.type];
  const choices = field.restrictedPicklist && field.type === 'picklist' ? field.picklistValues : [];
  return {
    type: field.nillable ? [type, 'null'] : type,
    title: field.label,
    ...(type === 'string' && field.length > 0 && { maxLength: field.length }),
    ...(format !== undefined && { format }),
    ...(choices.length > 0 && { enum: field.nillable ? [...choices, null] : choices }),
  };
}

/** The writable fields of this organization's leads as a JSON Schema, for forms and for checking a pipeline. */
export const describeLead: ActionHandler<DescribeLeadInput, DescribeLeadOutput, Settings> = async (_input, call) => {
  const fields = await (await openSalesforce(call)).describeLead();
  const writable = fields.filter((field) => field.createable && field.updateable);
  return {
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(writable.map((field) => [field.name, toSchema(field)])),
    },
    externalIdFields: fields.filter((field) => field.externalId).map((field) => field.name),
  };
};
