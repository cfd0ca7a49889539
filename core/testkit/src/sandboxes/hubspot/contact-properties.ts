/** A contact property, as far as the vendor's list and the checks need it. */
interface ContactProperty {
  readonly name: string;
  readonly label: string;
  readonly type: 'string' | 'number' | 'enumeration' | 'datetime' | 'bool';
  readonly fieldType: 'text' | 'textarea' | 'phonenumber' | 'number' | 'select' | 'booleancheckbox' | 'date';
  readonly group: 'contactinformation' | 'tendril';
  readonly isReadOnly?: boolean;
  readonly isUnique?: boolean;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

const text = (name: string, label: string): ContactProperty => ({
  name,
  label,
  type: 'string',
  fieldType: 'text',
  group: 'contactinformation',
});
const choices = (...values: readonly string[]): readonly { value: string; label: string }[] =>
  values.map((value) => ({ value, label: value.replaceAll('_', ' ').toLowerCase() }));

/** The properties of the sandbox's contacts: default ones, and custom ones that Tendril's documentation asks for. */
const CONTACT_PROPERTIES: readonly ContactProperty[] = [
  { ...text('email', 'Email'), isUnique: true },
  text('firstname', 'First Name'),
  text('lastname', 'Last Name'),
  { ...text('phone', 'Phone Number'), fieldType: 'phonenumber' },
  { ...text('mobilephone', 'Mobile Phone Number'), fieldType: 'phonenumber' },
  text('company', 'Company Name'),
  text('jobtitle', 'Job Title'),
  text('website', 'Website URL'),
  text('address', 'Street Address'),
  text('city', 'City'),
  text('state', 'State/Region'),
  text('zip', 'Postal Code'),
  text('country', 'Country/Region'),
  { ...text('message', 'Message'), fieldType: 'textarea' },
  {
    name: 'lifecyclestage',
    label: 'Lifecycle Stage',
    type: 'enumeration',
    fieldType: 'select',
    group: 'contactinformation',
    options: choices(
      'subscriber',
      'lead',
      'marketingqualifiedlead',
      'salesqualifiedlead',
      'opportunity',
      'customer',
      'evangelist',
      'other',
    ),
  },
  {
    name: 'hs_lead_status',
    label: 'Lead Status',
    type: 'enumeration',
    fieldType: 'select',
    group: 'contactinformation',
    options: choices('NEW', 'OPEN', 'IN_PROGRESS', 'OPEN_DEAL', 'UNQUALIFIED', 'ATTEMPTED_TO_CONTACT', 'CONNECTED', 'BAD_TIMING'),
  },
  { name: 'numemployees', label: 'Number of Employees', type: 'number', fieldType: 'number', group: 'contactinformation' },
  { name: 'createdate', label: 'Create Date', type: 'datetime', fieldType: 'date', group: 'contactinformation', isReadOnly: true },
  {
    name: 'lastmodifieddate',
    label: 'Last Modified Date',
    type: 'datetime',
    fieldType: 'date',
    group: 'contactinformation',
    isReadOnly: true,
  },
  {
    name: 'hs_object_id',
    label: 'Record ID',
    type: 'number',
    fieldType: 'number',
    group: 'contactinformation',
    isReadOnly: true,
    isUnique: true,
  },
  { name: 'tendril_id', label: 'Tendril Id', type: 'string', fieldType: 'text', group: 'tendril', isUnique: true },
  { name: 'tendril_probability', label: 'Tendril Probability', type: 'number', fieldType: 'number', group: 'tendril' },
  { name: 'tendril_reasons', label: 'Tendril Reasons', type: 'string', fieldType: 'textarea', group: 'tendril' },
  {
    name: 'tendril_opted_in',
    label: 'Tendril Opted In',
    type: 'bool',
    fieldType: 'booleancheckbox',
    group: 'tendril',
    options: [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ],
  },
];

const BY_NAME: ReadonlyMap<string, ContactProperty> = new Map(CONTACT_PROPERTIES.map((property) => [property.name, property]));
const EMAIL = /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.[^\s@<>(),;:".]+$/;

/** What the vendor says of one bad value. */
export interface PropertyFault {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

function checkProperty(name: string, value: unknown): PropertyFault | undefined {
  const property = BY_NAME.get(name);
  if (property === undefined) return { name, code: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` };
  if (property.isReadOnly === true)
    return { name, code: 'READ_ONLY_VALUE', message: `"${name}" is a read only property; its value cannot be set.` };
  const text = String(value);
  if (text === '') return undefined;
  if (name === 'email' && !EMAIL.test(text)) return { name, code: 'INVALID_EMAIL', message: `Email address ${text} is invalid` };
  if (property.type === 'number' && !Number.isFinite(Number(text)))
    return { name, code: 'INVALID_INTEGER', message: `${text} was not a valid number.` };
  if (property.options !== undefined && !property.options.some((option) => option.value === text)) {
    return {
      name,
      code: 'INVALID_OPTION',
      message: `${text} was not one of the allowed options: [${property.options.map((option) => option.value).join(', ')}]`,
    };
  }
  if (text.length > 65_536)
    return { name, code: 'INVALID_STRING_TOO_LONG', message: `Property value is too long; the limit is 65536 characters.` };
  return undefined;
}

/** Everything that is wrong with a set of property values. */
export function checkProperties(properties: Readonly<Record<string, unknown>>): readonly PropertyFault[] {
  return Object.entries(properties).flatMap(([name, value]) => checkProperty(name, value) ?? []);
}

function describeProperty(property: ContactProperty, index: number): object {
  const isCustom = property.group === 'tendril';
  return {
    name: property.name,
    label: property.label,
    type: property.type,
    fieldType: property.fieldType,
    description: '',
    groupName: property.group,
    options: (property.options ?? []).map((option, order) => ({ ...option, displayOrder: order, hidden: false })),
    displayOrder: index,
    calculated: false,
    externalOptions: false,
    archived: false,
    hasUniqueValue: property.isUnique === true,
    hidden: false,
    hubspotDefined: !isCustom,
    formField: property.isReadOnly !== true,
    dataSensitivity: 'non_sensitive',
    modificationMetadata: {
      archivable: isCustom,
      readOnlyDefinition: !isCustom,
      readOnlyOptions: !isCustom,
      readOnlyValue: property.isReadOnly === true,
    },
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

/** The answer of `GET /crm/v3/properties/contacts`. */
export function describeProperties(): object {
  return { results: CONTACT_PROPERTIES.map(describeProperty) };
}
