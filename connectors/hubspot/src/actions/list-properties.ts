import type { ActionHandler } from '@tendril/plugin-api';
import { openHubSpot } from '../client.ts';
import type { DescribedProperty } from '../client.ts';
import type { ListPropertiesInput, ListPropertiesOutput } from '../gen/manifest.gen.ts';

const JSON_TYPES: Readonly<Record<string, string>> = { number: 'number', bool: 'boolean' };

function toSchema({ label, type, isSingleChoice, choices }: DescribedProperty): object {
  const isListed = isSingleChoice && choices.length > 0;
  return { type: [JSON_TYPES[type] ?? 'string', 'null'], title: label, ...(isListed && { enum: [...choices, null] }) };
}

/** The writable properties of this account's contacts as a JSON Schema, for forms and for checking a pipeline. */
export const listProperties: ActionHandler<ListPropertiesInput, ListPropertiesOutput> = async (_input, call) => {
  const properties = await openHubSpot(call).listProperties();
  const writable = properties.filter(({ name, isWritable }) => isWritable && name !== 'email');
  return {
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(writable.map((property) => [property.name, toSchema(property)])),
    },
  };
};
