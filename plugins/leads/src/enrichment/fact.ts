import type { EnrichLocallyOutput, FactsRow } from '../gen/manifest.gen.ts';

/** A fact as a provider tells it. */
export type ToldFact = EnrichLocallyOutput['facts'][number];
/** A fact with who told it and when. */
export type KnownFact = FactsRow['facts'][number];
/** What facts are about. */
export type FactField = KnownFact['field'];

/** All there are. */
export const FACT_FIELDS: readonly FactField[] = [
  'emailQuality',
  'emailKind',
  'emailSuggestion',
  'emailDomain',
  'companyDomain',
  'company',
  'industry',
  'companySize',
  'country',
  'phone',
  'phoneType',
  'phoneIsValid',
  'namePrefix',
  'firstName',
  'lastName',
  'nameSuffix',
];

/** Who is asked about: what is known of somebody that others may be found by. */
export interface Subject {
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly domain?: string;
  readonly country?: string;
  readonly locale?: string;
  readonly timeZone?: string;
}
