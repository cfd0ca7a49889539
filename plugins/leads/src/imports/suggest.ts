import { isDomain, parseEmail } from '../intake/email-syntax.ts';
import { readInstant } from '../intake/instant.ts';

/** What the cells of a column are. */
export type CellType = 'text' | 'number' | 'boolean';

/** A proposal for one column. */
export interface Suggestion {
  readonly column: string;
  readonly to?: string;
  readonly type: CellType;
  readonly confidence: number;
  readonly reason: string;
}

/** Names by trait, folded: letters and digits only. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'mail', 'emailaddress', 'mailaddress', 'emailadresse', 'courriel', 'correo', 'emailwork', 'workemail'],
  phone: [
    'phone',
    'phonenumber',
    'telephone',
    'tel',
    'mobile',
    'mobilephone',
    'mobilenumber',
    'cell',
    'telefon',
    'telefonnummer',
    'handy',
    'telefono',
  ],
  userId: ['userid', 'customerid', 'externalid', 'kundennummer', 'customernumber', 'contactid'],
  anonymousId: ['anonymousid'],
  firstName: ['firstname', 'givenname', 'forename', 'vorname', 'prenom', 'nombre'],
  lastName: ['lastname', 'surname', 'familyname', 'nachname', 'nom', 'apellido'],
  name: ['name', 'fullname', 'contactname', 'contact'],
  company: [
    'company',
    'companyname',
    'organisation',
    'organization',
    'account',
    'accountname',
    'firma',
    'unternehmen',
    'entreprise',
    'empresa',
  ],
  title: ['title', 'jobtitle', 'position', 'role', 'funktion', 'poste'],
  country: ['country', 'countrycode', 'land', 'pays', 'pais'],
  city: ['city', 'town', 'stadt', 'ort', 'ville', 'ciudad'],
  postalCode: ['postalcode', 'zip', 'zipcode', 'postcode', 'plz'],
  street: ['street', 'address', 'strasse', 'adresse'],
  website: ['website', 'url', 'homepage', 'web'],
  industry: ['industry', 'branche', 'sector', 'secteur'],
  companySize: ['employees', 'companysize', 'employeecount', 'mitarbeiter', 'headcount'],
  timestamp: ['createdat', 'created', 'createddate', 'timestamp', 'signupdate', 'datecreated'],
};
const CONSENT_NAMES = [
  'consent',
  'newsletter',
  'optin',
  'marketingconsent',
  'emailoptin',
  'subscribed',
  'einwilligung',
  'hasoptedin',
  'unsubscribed',
  'optout',
  'hasoptedoutofemail',
];
const NEGATIVE = ['unsubscribed', 'optout', 'hasoptedoutofemail'];
const YES = ['yes', 'true', '1', 'y', 'ja', 'oui', 'si', 'subscribed', 'granted'];
const NO = ['no', 'false', '0', 'n', 'nein', 'non', 'unsubscribed', 'denied'];
const LEAST_SHARE = 0.8;

/** Proposals for all columns; each identity and trait is proposed once, to the surest column. */
export function suggestColumns(columns: readonly string[], sample: readonly (readonly string[])[]): readonly Suggestion[] {
  const taken = new Set<string>();
  const proposed = columns.map((column, place) =>
    suggestColumn(
      column,
      sample.map((row) => row[place]?.trim() ?? '').filter((cell) => cell !== ''),
    ),
  );
  const order = proposed.map((_, place) => place).toSorted((a, b) => (proposed[b]?.confidence ?? 0) - (proposed[a]?.confidence ?? 0));
  const kept = new Map<number, Suggestion>();
  for (const place of order) {
    const suggestion = proposed[place];
    if (suggestion === undefined) continue;
    const { to, ...rest } = suggestion;
    if (to === undefined || !taken.has(to)) kept.set(place, suggestion);
    else kept.set(place, { ...rest, confidence: 0.3, reason: `another column is ${to} already`, ...withTrait(suggestion.column, taken) });
    const given = kept.get(place)?.to;
    if (given !== undefined) taken.add(given);
  }
  return columns.flatMap((_, place) => kept.get(place) ?? []);
}

/** The column that tells of consent, and the words in it that are understood; none when its cells say something else. */
export function suggestConsent(
  columns: readonly string[],
  sample: readonly (readonly string[])[],
): { readonly column: string; readonly optIn?: string[]; readonly optOut?: string[] } | undefined {
  const named = columns.flatMap((column, place) =>
    CONSENT_NAMES.includes(fold(column)) ? [{ column, place, isNegative: isNegative(column) }] : [],
  );
  // Of a file with both, the refusals count.
  for (const { column, place, isNegative: tellsOfRefusal } of named.toSorted((a, b) => Number(b.isNegative) - Number(a.isNegative))) {
    const words = new Set(sample.map((row) => row[place]?.trim().toLowerCase() ?? ''));
    if (![...YES, ...NO].some((word) => words.has(word))) continue;
    // The rows behind the sample may say what no row of it says. That somebody did not unsubscribe is no consent.
    return tellsOfRefusal ? { column, optOut: [...YES] } : { column, optIn: [...YES], optOut: [...NO] };
  }
  return undefined;
}

function isNegative(column: string): boolean {
  return NEGATIVE.includes(fold(column));
}

function suggestColumn(column: string, cells: readonly string[]): Suggestion {
  const folded = fold(column);
  const type = typeOf(cells);
  if (CONSENT_NAMES.includes(folded))
    return { column, type: 'text', confidence: 0.8, reason: 'it tells of consent, which is mapped apart' };
  const share = (test: (cell: string) => boolean): number => (cells.length === 0 ? 0 : cells.filter(test).length / cells.length);
  const emails = share((cell) => parseEmail(cell) !== undefined);
  if (emails >= LEAST_SHARE) return { column, to: 'email', type: 'text', confidence: emails, reason: 'its cells are e-mail addresses' };
  const named = Object.entries(NAMES).find(([, names]) => names.includes(folded))?.[0];
  if (named === 'email') return { column, to: 'email', type: 'text', confidence: cells.length === 0 ? 0.9 : 0.4, reason: 'by its name' };
  if (named === 'phone' || (named === undefined && share(isPhoneLike) >= LEAST_SHARE))
    return {
      column,
      to: 'phone',
      type: 'text',
      confidence: named === undefined ? 0.6 : 0.9,
      reason: named === undefined ? 'its cells look like phone numbers' : 'by its name',
    };
  if (named === 'timestamp' && share((cell) => readInstant(cell) !== undefined) < LEAST_SHARE && cells.length > 0)
    return { column, to: traitOf(column), type: 'text', confidence: 0.4, reason: 'its cells are no times of ISO 8601' };
  if (named !== undefined)
    return { column, to: named, type: named === 'companySize' ? type : 'text', confidence: 0.9, reason: 'by its name' };
  if (share((cell) => isDomain(cell)) >= LEAST_SHARE)
    return { column, to: 'website', type: 'text', confidence: 0.6, reason: 'its cells are addresses of sites' };
  const to = traitOf(column);
  return to === ''
    ? { column, type, confidence: 0, reason: 'it has no name' }
    : { column, to, type, confidence: 0.5, reason: 'a trait of its own name' };
}

function withTrait(column: string, taken: ReadonlySet<string>): { readonly to?: string } {
  const to = traitOf(column);
  return to === '' || taken.has(to) ? {} : { to };
}

function isPhoneLike(cell: string): boolean {
  return /^\+?[\d\s()/.-]{7,20}$/.test(cell) && (cell.match(/\d/g)?.length ?? 0) >= 7 && /[+\s()/-]/.test(cell);
}

function typeOf(cells: readonly string[]): CellType {
  if (cells.length === 0) return 'text';
  // A leading zero is part of a number that counts nothing: a postcode, an id.
  if (cells.every((cell) => /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(cell))) return 'number';
  if (cells.every((cell) => /^(?:true|false|yes|no)$/i.test(cell))) return 'boolean';
  return 'text';
}

function fold(column: string): string {
  return column
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

/** `Lead Source` becomes `leadSource`. */
function traitOf(column: string): string {
  const words = column
    .normalize('NFKC')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return words
    .map((word, place) => (place === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join('')
    .slice(0, 200);
}
