import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { openHubSpot } from '../client.ts';
import type { UpsertContactInput, UpsertContactOutput } from '../gen/manifest.gen.ts';

/** HubSpot's internal names of the input's own words. */
const PROPERTY_NAMES = {
  firstName: 'firstname',
  lastName: 'lastname',
  phone: 'phone',
  company: 'company',
  jobTitle: 'jobtitle',
  website: 'website',
  city: 'city',
  country: 'country',
} as const satisfies Partial<Record<keyof UpsertContactInput, string>>;

function propertiesOf(input: UpsertContactInput): Record<string, string> {
  const named = Object.entries(PROPERTY_NAMES).map(([word, name]) => [name, input[word as keyof typeof PROPERTY_NAMES]] as const);
  const given = [...Object.entries(input.fields ?? {}), ...named].filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, value === null ? '' : String(value)]));
}

/**
 * Creates the contact of an e-mail address, or updates it.
 *
 * Natural: the address alone decides which contact is written, so that the same call again finds the contact as it left it.
 */
export const upsertContact: ActionHandler<UpsertContactInput, UpsertContactOutput> = async (input, call) => {
  const properties = propertiesOf(input);
  if ('email' in properties) throw new TendrilError('ACTION_INPUT_INVALID', { pointer: '/fields/email', expected: 'the address in email' });
  const contact = await openHubSpot(call).upsertContact(input.email.trim().toLowerCase(), properties);
  call.log.debug({ contactId: contact.id, created: contact.created }, 'contact written');
  return contact;
};
