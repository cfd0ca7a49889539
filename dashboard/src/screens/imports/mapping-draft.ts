import type { CellType, ImportConsent, ImportMapping, MappingSuggestion } from '../../api/customers/imports.ts';

/** What one column means, as it is being said. */
export interface ColumnDraft {
  readonly column: string;
  /** One of `MEANINGS`, `trait`, `consent`, or empty to leave it out. */
  readonly meaning: string;
  /** Of `trait`. */
  readonly trait: string;
  readonly type: CellType;
  /** Why it was proposed. */
  readonly reason?: string;
}

/** Words for consent as they are typed, with commas between them. */
export interface ConsentDraft {
  readonly optIn: string;
  readonly optOut: string;
  readonly purpose: string;
}

/** What a column may be other than a trait of its own name. */
export const MEANINGS: readonly { readonly value: string; readonly text: string }[] = [
  { value: 'email', text: 'E-mail address' },
  { value: 'phone', text: 'Phone number' },
  { value: 'userId', text: 'User id of your application' },
  { value: 'anonymousId', text: 'Anonymous id' },
  { value: 'timestamp', text: 'When it was so' },
  { value: 'firstName', text: 'First name' },
  { value: 'lastName', text: 'Last name' },
  { value: 'name', text: 'Full name' },
  { value: 'company', text: 'Company' },
  { value: 'country', text: 'Country' },
];

const KNOWN = new Set(MEANINGS.map(({ value }) => value));

/** The hub's proposals as a draft. */
export function toDraft(columns: readonly string[], suggestion: MappingSuggestion | undefined): readonly ColumnDraft[] {
  return columns.map((column) => {
    const item = suggestion?.items.find((each) => each.column === column);
    const reason = item === undefined ? {} : { reason: item.reason };
    const type = item?.type ?? 'text';
    if (suggestion?.consent?.column === column) return { column, meaning: 'consent', trait: '', type: 'text', ...reason };
    const to = suggestion?.mapping[column] ?? item?.to ?? '';
    if (to === '') return { column, meaning: '', trait: traitOf(column), type, ...reason };
    return KNOWN.has(to) ? { column, meaning: to, trait: '', type, ...reason } : { column, meaning: 'trait', trait: to, type, ...reason };
  });
}

/** Words of consent that were proposed, or common ones where nothing was: a column that tells who unsubscribed has none for yes. */
export function toConsentDraft(
  { optIn, optOut, purposes }: Partial<ImportConsent> = { optIn: ['yes', 'true', '1'], optOut: ['no', 'false', '0'] },
): ConsentDraft {
  return { optIn: optIn?.join(', ') ?? '', optOut: optOut?.join(', ') ?? '', purpose: purposes?.[0] ?? 'marketing' };
}

/** What is sent of a draft. */
export function fromDraft(draft: readonly ColumnDraft[], consent: ConsentDraft): ImportMapping {
  const mapping: Record<string, string> = {};
  const types: Record<string, CellType> = {};
  for (const { column, meaning, trait, type } of draft) {
    if (meaning === '' || meaning === 'consent') continue;
    mapping[column] = meaning === 'trait' ? trait.trim() : meaning;
    if (meaning === 'trait' && type !== 'text') types[column] = type;
  }
  const consentColumn = draft.find(({ meaning }) => meaning === 'consent')?.column;
  const [optIn, optOut] = [words(consent.optIn), words(consent.optOut)];
  const purposes = consent.purpose.trim() === '' ? {} : { purposes: [consent.purpose.trim()] };
  return {
    columns: draft.map(({ column }) => column),
    mapping,
    ...(Object.keys(types).length === 0 ? {} : { types }),
    ...(consentColumn === undefined
      ? {}
      : {
          consent: {
            column: consentColumn,
            ...(optIn.length === 0 ? {} : { optIn }),
            ...(optOut.length === 0 ? {} : { optOut }),
            ...purposes,
          },
        }),
  };
}

/** What is wrong with a draft, each in a sentence; nothing when it can be sent. */
export function findDraftFaults(draft: readonly ColumnDraft[], consent: ConsentDraft): readonly string[] {
  const faults: string[] = [];
  const { mapping } = fromDraft(draft, consent);
  const targets = Object.values(mapping);
  if (!targets.some((target) => ['email', 'phone', 'userId', 'anonymousId'].includes(target)))
    faults.push('Say which column holds the e-mail address, the phone number or a user id: without one nobody is known.');
  for (const target of new Set(targets.filter((each, index) => each !== '' && targets.indexOf(each) !== index)))
    faults.push(`Two columns are “${target}”. Leave one out, or name it otherwise.`);
  for (const { column, meaning, trait } of draft)
    if (meaning === 'trait' && !/^[^.$][^$]*$/.test(trait.trim()))
      faults.push(`Name the trait of “${column}”: without $, and not beginning with a point.`);
  const consents = draft.filter(({ meaning }) => meaning === 'consent');
  if (consents.length > 1) faults.push('Only one column can say what somebody agreed to.');
  if (consents.length === 1 && words(consent.optIn).length + words(consent.optOut).length === 0)
    faults.push('Say which words of the consent column mean yes or no.');
  if (consents.length === 1 && !/^[a-z][a-z0-9_]*$/.test(consent.purpose.trim()))
    faults.push('A purpose is one word in small letters, such as marketing.');
  return faults;
}

/** A name for a trait made of the head of a column: `Zip code` becomes `zipCode`. */
export function traitOf(column: string): string {
  const [first = '', ...rest] = column
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return first.charAt(0).toLowerCase() + first.slice(1) + rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

function words(typed: string): readonly string[] {
  return typed
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}
