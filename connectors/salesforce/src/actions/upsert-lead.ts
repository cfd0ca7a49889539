import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, JsonObject } from '@tendril/plugin-api';
import { openSalesforce } from '../client.ts';
import type { Settings, UpsertLeadInput, UpsertLeadOutput } from '../gen/manifest.gen.ts';

const EXTERNAL_ID_FIELD = 'Tendril_Id__c';

/** Salesforce's names of the input's own words. */
const API_NAMES = {
  email: 'Email',
  lastName: 'LastName',
  company: 'Company',
  firstName: 'FirstName',
  phone: 'Phone',
  jobTitle: 'Title',
  website: 'Website',
  city: 'City',
  country: 'Country',
  rating: 'Rating',
  leadSource: 'LeadSource',
  status: 'Status',
  description: 'Description',
} as const satisfies Partial<Record<keyof UpsertLeadInput, string>>;

function fieldsOf(input: UpsertLeadInput): JsonObject {
  const named = Object.entries(API_NAMES).flatMap(([word, apiName]) => {
    const value = input[word as keyof typeof API_NAMES];
    return value === undefined ? [] : [[apiName, value] as const];
  });
  return { ...input.fields, ...Object.fromEntries(named) };
}

/**
 * Creates the lead that the external id names, or updates it.
 *
 * Natural: the external id alone decides which lead is written, so that the same call again finds the lead as it left it.
 */
export const upsertLead: ActionHandler<UpsertLeadInput, UpsertLeadOutput, Settings> = async (input, call) => {
  const externalId = input.externalId ?? input.email?.trim().toLowerCase();
  if (externalId === undefined)
    throw new TendrilError('ACTION_INPUT_INVALID', { pointer: '/externalId', expected: 'an external id or an e-mail address' });
  const field = call.settings.externalIdField ?? EXTERNAL_ID_FIELD;
  const fields = fieldsOf(input);
  if (Object.keys(fields).some((name) => name.toLowerCase() === field.toLowerCase())) {
    throw new TendrilError('ACTION_INPUT_INVALID', { pointer: `/fields/${field}`, expected: 'the external id in externalId' });
  }
  const client = await openSalesforce(call);
  const { id, created } = await client.upsertLead({ field, value: externalId }, fields);
  call.log.debug({ leadId: id, created }, 'lead written');
  return { id, externalId, created };
};
