/** A field of the Lead object, as far as the describe answer and the checks need it. */
export interface LeadField {
  readonly name: string;
  readonly label: string;
  readonly type:
    'id' | 'string' | 'email' | 'phone' | 'url' | 'picklist' | 'textarea' | 'double' | 'int' | 'boolean' | 'datetime' | 'date' | 'currency';
  /** Longest text in characters; 0 for what is not text. */
  readonly length: number;
  readonly isRequired?: boolean;
  readonly isReadOnly?: boolean;
  readonly isExternalId?: boolean;
  /** The values of a restricted picklist. */
  readonly values?: readonly string[];
}

const text = (name: string, label: string, length: number): LeadField => ({ name, label, type: 'string', length });

/** The fields of the sandbox's Lead: standard ones with the vendor's lengths, and custom ones that Tendril's documentation asks for. */
export const LEAD_FIELDS: readonly LeadField[] = [
  { name: 'Id', label: 'Lead ID', type: 'id', length: 18, isReadOnly: true },
  { name: 'IsDeleted', label: 'Deleted', type: 'boolean', length: 0, isReadOnly: true },
  { ...text('LastName', 'Last Name', 80), isRequired: true },
  text('FirstName', 'First Name', 40),
  { ...text('Name', 'Full Name', 121), isReadOnly: true },
  text('Title', 'Title', 128),
  { ...text('Company', 'Company', 255), isRequired: true },
  { name: 'Street', label: 'Street', type: 'textarea', length: 255 },
  text('City', 'City', 40),
  text('State', 'State/Province', 80),
  text('PostalCode', 'Zip/Postal Code', 20),
  text('Country', 'Country', 80),
  { name: 'Phone', label: 'Phone', type: 'phone', length: 40 },
  { name: 'MobilePhone', label: 'Mobile Phone', type: 'phone', length: 40 },
  { name: 'Email', label: 'Email', type: 'email', length: 80 },
  { name: 'Website', label: 'Website', type: 'url', length: 255 },
  { name: 'Description', label: 'Description', type: 'textarea', length: 32000 },
  {
    name: 'LeadSource',
    label: 'Lead Source',
    type: 'picklist',
    length: 255,
    values: ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'],
  },
  {
    name: 'Status',
    label: 'Lead Status',
    type: 'picklist',
    length: 255,
    values: ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'],
  },
  {
    name: 'Industry',
    label: 'Industry',
    type: 'picklist',
    length: 255,
    values: [
      'Agriculture',
      'Banking',
      'Construction',
      'Consulting',
      'Education',
      'Finance',
      'Government',
      'Healthcare',
      'Insurance',
      'Manufacturing',
      'Retail',
      'Technology',
      'Telecommunications',
      'Other',
    ],
  },
  { name: 'Rating', label: 'Rating', type: 'picklist', length: 255, values: ['Hot', 'Warm', 'Cold'] },
  { name: 'AnnualRevenue', label: 'Annual Revenue', type: 'currency', length: 0 },
  { name: 'NumberOfEmployees', label: 'Employees', type: 'int', length: 0 },
  { name: 'HasOptedOutOfEmail', label: 'Email Opt Out', type: 'boolean', length: 0 },
  { name: 'IsConverted', label: 'Converted', type: 'boolean', length: 0, isReadOnly: true },
  { name: 'CreatedDate', label: 'Created Date', type: 'datetime', length: 0, isReadOnly: true },
  { name: 'LastModifiedDate', label: 'Last Modified Date', type: 'datetime', length: 0, isReadOnly: true },
  { name: 'Tendril_Id__c', label: 'Tendril Id', type: 'string', length: 80, isExternalId: true },
  { name: 'Tendril_Probability__c', label: 'Tendril Probability', type: 'double', length: 0 },
  { name: 'Tendril_Reasons__c', label: 'Tendril Reasons', type: 'textarea', length: 32768 },
  { name: 'Tendril_Segment__c', label: 'Tendril Segment', type: 'picklist', length: 255, values: ['New', 'Returning', 'Dormant'] },
];

/** By name in lower case: the vendor's field names know no case. */
export const FIELDS_BY_NAME: ReadonlyMap<string, LeadField> = new Map(LEAD_FIELDS.map((field) => [field.name.toLowerCase(), field]));

const SOAP_TYPES: Readonly<Record<LeadField['type'], string>> = {
  id: 'tns:ID',
  string: 'xsd:string',
  email: 'xsd:string',
  phone: 'xsd:string',
  url: 'xsd:string',
  picklist: 'xsd:string',
  textarea: 'xsd:string',
  double: 'xsd:double',
  currency: 'xsd:double',
  int: 'xsd:int',
  boolean: 'xsd:boolean',
  datetime: 'xsd:dateTime',
  date: 'xsd:date',
};

function describeField(field: LeadField): object {
  const isWritable = field.isReadOnly !== true;
  const isText = field.length > 0;
  return {
    name: field.name,
    label: field.label,
    type: field.type,
    soapType: SOAP_TYPES[field.type],
    length: field.length,
    byteLength: field.length * 3,
    nillable: field.isRequired !== true && field.type !== 'boolean' && field.type !== 'id',
    createable: isWritable,
    updateable: isWritable,
    custom: field.name.endsWith('__c'),
    externalId: field.isExternalId === true,
    unique: field.isExternalId === true,
    idLookup: field.type === 'id' || field.type === 'email' || field.isExternalId === true,
    defaultedOnCreate: field.type === 'boolean' || field.name === 'Status',
    restrictedPicklist: field.values !== undefined,
    picklistValues: (field.values ?? []).map((value, index) => ({
      value,
      label: value,
      active: true,
      defaultValue: field.name === 'Status' && index === 0,
      validFor: null,
    })),
    filterable: field.type !== 'textarea',
    sortable: field.type !== 'textarea',
    groupable: isText && field.type !== 'textarea',
    aggregatable: true,
    calculated: false,
    calculatedFormula: null,
    caseSensitive: false,
    autoNumber: false,
    cascadeDelete: false,
    controllerName: null,
    defaultValue: field.type === 'boolean' ? false : null,
    defaultValueFormula: null,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? 8 : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    extraTypeInfo: null,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    highScaleNumber: false,
    htmlFormatted: false,
    inlineHelpText: null,
    mask: null,
    maskType: null,
    nameField: field.name === 'Name',
    namePointing: false,
    permissionable: isWritable,
    polymorphicForeignKey: false,
    precision: field.type === 'double' || field.type === 'currency' ? 18 : 0,
    queryByDistance: false,
    referenceTargetField: null,
    referenceTo: [],
    relationshipName: null,
    relationshipOrder: null,
    restrictedDelete: false,
    scale: field.type === 'double' ? 6 : 0,
    searchPrefilterable: false,
    writeRequiresMasterRead: false,
  };
}

/** The answer of `GET /services/data/vXX.0/sobjects/Lead/describe`. */
export function describeLead(version: string): object {
  const base = `/services/data/v${version}/sobjects/Lead`;
  return {
    actionOverrides: [],
    activateable: false,
    childRelationships: [],
    compactLayoutable: true,
    createable: true,
    custom: false,
    customSetting: false,
    deletable: true,
    deprecatedAndHidden: false,
    feedEnabled: true,
    fields: LEAD_FIELDS.map(describeField),
    hasSubtypes: false,
    isSubtype: false,
    keyPrefix: '00Q',
    label: 'Lead',
    labelPlural: 'Leads',
    layoutable: true,
    listviewable: null,
    lookupLayoutable: null,
    mergeable: true,
    mruEnabled: true,
    name: 'Lead',
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    queryable: true,
    recordTypeInfos: [],
    replicateable: true,
    retrieveable: true,
    searchLayoutable: true,
    searchable: true,
    supportedScopes: [],
    triggerable: true,
    undeletable: true,
    updateable: true,
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
}
