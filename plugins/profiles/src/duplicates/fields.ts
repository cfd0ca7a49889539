/** What a field of a person holds; decides how two values of it are compared. */
export const FIELD_KINDS = [
  'givenName',
  'surname',
  'fullName',
  'email',
  'phone',
  'birthDate',
  'company',
  'address',
  'streetNumber',
  'locality',
  'postcode',
  'region',
  'country',
] as const;

/** One of `FIELD_KINDS`. */
export type FieldKind = (typeof FIELD_KINDS)[number];

/** A field that is compared. `name` is a trait, with dots for what lies inside of one: `address.city`. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
}

/** A person as the comparison wants it: an id and values by the names of fields. Anything but texts and numbers counts as missing. */
export interface PersonRecord {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** More fields would not fit into the number that keeps a pattern of agreement. */
export const MAX_FIELDS = 16;
