import { isDomain, parseEmail } from '../intake/email-syntax.ts';
import type { EmailParts } from '../intake/email-syntax.ts';
import { FREE_MAILBOXES, WELL_KNOWN } from './free-mailboxes.ts';

/** Whose mailbox it is. */
export type EmailKind = 'personal_free' | 'personal_company' | 'role' | 'disposable';

/** What an address tells of itself. */
export interface EmailQuality {
  readonly isValid: boolean;
  readonly parts?: EmailParts;
  readonly kind?: EmailKind;
  /** What was probably meant. */
  readonly suggestion?: string;
  /** From 0 to 1: how well a person is reached by it, as far as can be told without asking the mail server. */
  readonly quality: number;
}

/** @see RFC 2142, mailbox names for common services, and what companies use beside these */
const ROLES: ReadonlySet<string> = new Set(
  (
    'abuse accounting accounts admin administrator all assistant billing board booking bookings careers ceo compliance contact customer customerservice datenschutz dev developer dpo einkauf ' +
    'enquiries enquiry everyone feedback finance ftp hello help helpdesk hostmaster hr info infos information inquiries invest investors invoice invoices it jobs kontakt legal mail mailer-daemon ' +
    'management marketing media news newsletter no-reply nobody noc noreply office operations order orders payroll postmaster press presse privacy purchasing rechnung reception recruiting ' +
    'reservations returns root sales security service shop spam staff subscribe sup support sysadmin team tech test unsubscribe usenet uucp vertrieb verwaltung webmaster welcome work www'
  ).split(' '),
);
const QUALITY: Readonly<Record<EmailKind, number>> = { personal_company: 1, personal_free: 0.8, role: 0.5, disposable: 0.1 };
const TYPO_QUALITY = 0.3;
/** Right endings that look like mistyped ones: `gmail.co` belongs to somebody, yet hardly anybody writes from there. */
const ENDINGS: Readonly<Record<string, string>> = {
  con: 'com',
  cmo: 'com',
  vom: 'com',
  comm: 'com',
  ocm: 'com',
  nte: 'net',
  ner: 'net',
  ogr: 'org',
  dee: 'de',
  fe: 'fr',
};

let disposable: Promise<ReadonlySet<string>> | undefined;

/** Judges an address by itself; no server is asked. */
export async function judgeEmail(email: string): Promise<EmailQuality> {
  const parts = parseEmail(email);
  if (parts === undefined) return { isValid: false, quality: 0 };
  const suggestion = suggestDomain(parts.domain);
  const kind = await kindOf(parts);
  const base = { isValid: true, parts, kind };
  if (suggestion === undefined) return { ...base, quality: QUALITY[kind] };
  return { ...base, suggestion: `${parts.local}@${suggestion}`, quality: Math.min(TYPO_QUALITY, QUALITY[kind]) };
}

/** Whether an address is of a throw-away mailbox. */
export async function isDisposable(email: string): Promise<boolean> {
  const domain = parseEmail(email)?.domain;
  return domain !== undefined && isOf(await readDisposable(), domain);
}

/** Whether anybody may have an address there. */
export function isFreeMailbox(domain: string): boolean {
  return FREE_MAILBOXES.has(domain);
}

/** The well-known domain that a mistyped one is closest to; `undefined` when it is none or not close to any. */
export function suggestDomain(domain: string): string | undefined {
  if (FREE_MAILBOXES.has(domain)) return undefined;
  const ending = domain.slice(domain.lastIndexOf('.') + 1);
  const mended = ENDINGS[ending];
  if (mended !== undefined) {
    const repaired = `${domain.slice(0, domain.lastIndexOf('.'))}.${mended}`;
    if (isDomain(repaired)) return suggestDomain(repaired) ?? repaired;
  }
  const [closest] = WELL_KNOWN.map((known) => ({ known, distance: editDistance(domain, known) }))
    .filter(({ known, distance }) => distance <= (known.length >= 11 ? 2 : 1))
    .toSorted((a, b) => a.distance - b.distance);
  return closest?.known;
}

async function kindOf({ local, domain }: EmailParts): Promise<EmailKind> {
  if (isOf(await readDisposable(), domain)) return 'disposable';
  if (ROLES.has(local.split('+')[0] ?? '')) return 'role';
  return FREE_MAILBOXES.has(domain) ? 'personal_free' : 'personal_company';
}

/** Subdomains of a throw-away domain are of the same kind. */
function isOf(domains: ReadonlySet<string>, domain: string): boolean {
  const labels = domain.split('.');
  return labels.some((_, place) => place < labels.length - 1 && domains.has(labels.slice(place).join('.')));
}

/** Read when it is first needed: most processes never judge an address. */
async function readDisposable(): Promise<ReadonlySet<string>> {
  disposable ??= import('disposable-email-domains-js').then(({ default: list }) => list.disposableEmailBlocklistSet());
  return disposable;
}

/**
 * Least number of insertions, deletions, substitutions and swaps of neighbours.
 *
 * @see Damerau 1964; the restricted form (optimal string alignment)
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min((current[column - 1] ?? 0) + 1, (last[column] ?? 0) + 1, (last[column - 1] ?? 0) + cost);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, (before[column - 2] ?? 0) + 1);
      current.push(best);
    }
    before = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
