import type { Settings } from '../gen/manifest.gen.ts';
import type { Field, FieldKind } from './fields.ts';

/** How duplicates are found for one tenant. */
export interface DuplicateSettings {
  readonly isEnabled: boolean;
  readonly fields: readonly Field[];
  /** The fields as a text: what was compared by other ones is compared anew. */
  readonly signature: string;
  /** Pairs at least as probable are proposed, 0 to 1. */
  readonly proposeFrom: number;
  /** Pairs at least as probable are merged, 0 to 1; above 1 when only a person merges. */
  readonly mergeFrom: number;
}

/** The usual names of traits, as Segment's specification has them. */
const USUAL_FIELDS: Readonly<Record<string, FieldKind>> = {
  firstName: 'givenName',
  lastName: 'surname',
  name: 'fullName',
  email: 'email',
  phone: 'phone',
  birthday: 'birthDate',
  company: 'company',
  'address.street': 'address',
  'address.city': 'locality',
  'address.postalCode': 'postcode',
  'address.state': 'region',
  'address.country': 'country',
};
const PROPOSE_FROM = 0.8;

/** The settings with what they leave out. */
export function duplicateSettings({ duplicates = {} }: Settings): DuplicateSettings {
  const fields = Object.entries(duplicates.fields ?? USUAL_FIELDS).map(([name, kind]) => ({ name, kind }));
  return {
    isEnabled: duplicates.isEnabled ?? true,
    fields,
    signature: JSON.stringify(fields),
    proposeFrom: duplicates.proposeFrom ?? PROPOSE_FROM,
    mergeFrom: duplicates.mergeFrom ?? Infinity,
  };
}

/** The fields that a signature names. */
export function fieldsOf(signature: string): readonly Field[] {
  return JSON.parse(signature) as readonly Field[];
}
