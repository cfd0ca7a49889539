import type { Call } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';
import { isDomain } from '../intake/email-syntax.ts';
import { recallCompany } from './companies.ts';
import type { Majority } from './companies.ts';
import { countryOfDomain, countryOfLocale, countryOfTimeZone, weighCountries } from './country.ts';
import type { CountryEvidence } from './country.ts';
import { isFreeMailbox, judgeEmail } from './email-quality.ts';
import type { EmailQuality } from './email-quality.ts';
import type { Subject, ToldFact } from './fact.ts';
import { guessName, splitName } from './name-parts.ts';

/** What can be told without asking anybody outside. */
export async function findLocalFacts(subject: Subject, call: Call<Settings>): Promise<readonly ToldFact[]> {
  const email = subject.email === undefined ? undefined : await judgeEmail(subject.email);
  const phone = subject.phone === undefined ? undefined : await readPhone(subject.phone, subject.country ?? call.settings.defaultCountry);
  const domain = subject.domain?.trim().toLowerCase() ?? email?.parts?.domain;
  return [
    ...emailFacts(email),
    ...(phone === undefined ? [] : phone.facts),
    ...(await companyFacts(domain, email, call)),
    ...countryFacts(subject, domain, phone?.country),
    ...nameFacts(subject.name, email),
  ];
}

function emailFacts(email: EmailQuality | undefined): readonly ToldFact[] {
  if (email === undefined) return [];
  const { isValid, kind, suggestion, quality, parts } = email;
  return [
    fact('emailQuality', quality, 0.9, isValid ? 'by its form, its domain and what it is for' : 'no mail server would take it'),
    ...(kind === undefined ? [] : [fact('emailKind', kind, 0.95, 'by lists of domains and of names of services')]),
    ...(parts === undefined ? [] : [fact('emailDomain', parts.domain, 1, 'it stands in the address')]),
    ...(suggestion === undefined ? [] : [{ ...fact('emailSuggestion', suggestion, 0.7, 'close to a well-known domain'), isGuess: true }]),
  ];
}

async function companyFacts(
  domain: string | undefined,
  email: EmailQuality | undefined,
  call: Call<Settings>,
): Promise<readonly ToldFact[]> {
  if (domain === undefined || !isDomain(domain) || isFreeMailbox(domain) || email?.kind === 'disposable' || email?.suggestion !== undefined)
    return [];
  const { company, industry, size } = await recallCompany(domain, call);
  const byMajority = (field: 'company' | 'industry' | 'companySize', majority: Majority | undefined): readonly ToldFact[] =>
    majority === undefined ? [] : [{ ...fact(field, majority.value, majority.confidence, majority.evidence), isGuess: true }];
  return [
    fact('companyDomain', domain, 0.9, 'it is no domain of free mailboxes'),
    ...byMajority('company', company),
    ...byMajority('industry', industry),
    ...byMajority('companySize', size),
  ];
}

function countryFacts(
  { country, locale, timeZone }: Subject,
  domain: string | undefined,
  phoneCountry: string | undefined,
): readonly ToldFact[] {
  if (country !== undefined) return [];
  const pieces: readonly (CountryEvidence | undefined)[] = [
    phoneCountry === undefined ? undefined : { kind: 'phone', country: phoneCountry },
    piece('domain', domain === undefined ? undefined : countryOfDomain(domain)),
    piece('timeZone', timeZone === undefined ? undefined : countryOfTimeZone(timeZone)),
    piece('locale', locale === undefined ? undefined : countryOfLocale(locale)),
  ];
  const guess = weighCountries(pieces.filter((one) => one !== undefined));
  return guess === undefined ? [] : [{ ...fact('country', guess.country, guess.confidence, guess.evidence), isGuess: true }];
}

function nameFacts(name: string | undefined, email: EmailQuality | undefined): readonly ToldFact[] {
  const local = email?.kind === 'role' || email?.kind === 'disposable' ? undefined : email?.parts?.local;
  const parts = (name === undefined ? undefined : splitName(name)) ?? (local === undefined ? undefined : guessName(local));
  if (parts === undefined) return [];
  const { prefix, first, last, suffix, isGuess, confidence } = parts;
  const evidence = isGuess ? 'inferred from the address' : 'from the whole name';
  const named = [
    ['namePrefix', prefix],
    ['firstName', first],
    ['lastName', last],
    ['nameSuffix', suffix],
  ] as const;
  return named.flatMap(([field, value]) => (value === undefined ? [] : [{ ...fact(field, value, confidence, evidence), isGuess }]));
}

/** With the whole metadata of the library, which tells kinds of lines. */
async function readPhone(
  phone: string,
  defaultCountry: string | undefined,
): Promise<{ readonly facts: readonly ToldFact[]; readonly country?: string }> {
  const { isSupportedCountry, parsePhoneNumberFromString } = await import('libphonenumber-js/max');
  const assumed = defaultCountry !== undefined && isSupportedCountry(defaultCountry) ? defaultCountry : undefined;
  const parsed = parsePhoneNumberFromString(phone, assumed);
  if (parsed === undefined)
    return {
      facts: [
        fact('phoneIsValid', false, assumed === undefined && !phone.trim().startsWith('+') ? 0.5 : 0.95, 'it cannot be read as a number'),
      ],
    };
  const isValid = parsed.isValid();
  const { country, number } = parsed;
  const type = parsed.getType();
  return {
    facts: [
      fact('phoneIsValid', isValid, 0.95, 'by the numbering plan of its country'),
      ...(isValid ? [fact('phone', number, 0.95, 'in the form of E.164')] : []),
      ...(isValid && type !== undefined ? [fact('phoneType', type.toLowerCase(), 0.85, 'by the numbering plan of its country')] : []),
    ],
    ...(isValid && country !== undefined ? { country } : {}),
  };
}

function piece(kind: CountryEvidence['kind'], country: string | undefined): CountryEvidence | undefined {
  return country === undefined ? undefined : { kind, country };
}

function fact(field: ToldFact['field'], value: ToldFact['value'], confidence: number, evidence: string): ToldFact {
  return { field, value, confidence, evidence };
}
