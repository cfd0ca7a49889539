import { hash } from 'node:crypto';
import type { FormSubmissionsRow, FormsRow } from '../gen/manifest.gen.ts';
import type { Answers } from './answers.ts';
import type { PageToken } from './form-token.ts';

/** What speaks against an answer. */
export type Reason = FormSubmissionsRow['reasons'][number];

/** What an answer is judged by. */
export interface Evidence {
  readonly answers: Answers;
  readonly honeypot: string;
  /** As it was sent; empty without one. */
  readonly token: string;
  /** What it says, if it is ours. */
  readonly page: PageToken | undefined;
  readonly isTokenUsed: boolean;
  readonly work: string;
  readonly now: number;
}

const OLDEST_MS = 24 * 60 * 60 * 1_000;
const LEAST_REPEATED = 3;
const LINK = /https?:\/\/|www\.|\[url|<a\s/gi;

/** Reasons to doubt that a person has sent this; none when there are none. */
export function findReasons({ id, fields, protection = {} }: FormsRow, evidence: Evidence): readonly Reason[] {
  const { leastSeconds = 3, mostLinks = 2, needsToken = true, workBits = 0 } = protection;
  const { answers, honeypot, token, page, isTokenUsed, work, now } = evidence;
  const reasons: Reason[] = [];
  if (honeypot !== '') reasons.push({ code: 'honeypot', text: 'A field was filled in that people do not see.' });
  if (token === '' && needsToken) reasons.push({ code: 'no_token', text: 'It did not come from a page of the form.' });
  if (token !== '' && page?.form !== id) reasons.push({ code: 'bad_token', text: 'Its token is not one of this form.' });
  if (page?.form === id) {
    if (now - page.at < leastSeconds * 1_000)
      reasons.push({ code: 'too_fast', text: `It was filled in within ${String(leastSeconds)} seconds.` });
    if (now - page.at > OLDEST_MS) reasons.push({ code: 'old_token', text: 'Its page was opened more than a day before.' });
    if (isTokenUsed) reasons.push({ code: 'reused_token', text: 'Another answer came from the same page before.' });
  }
  if (workBits > 0 && !hasWorked(token, work, workBits))
    reasons.push({ code: 'no_work', text: 'The work that was asked for is not proven.' });
  const texts = fields.flatMap(({ name, type }) => (type === 'text' || type === 'textarea' ? [String(answers.values[name] ?? '')] : []));
  const links = texts.join('\n').match(LINK)?.length ?? 0;
  if (links > mostLinks) reasons.push({ code: 'too_many_links', text: `It has ${String(links)} links.` });
  const filled = texts.filter((text) => text !== '');
  if (filled.length >= LEAST_REPEATED && new Set(filled).size === 1)
    reasons.push({ code: 'repeated_text', text: 'The same text is in each field.' });
  return reasons;
}

/** Whether the hash of token and proof begins with so many zero bits. */
export function hasWorked(token: string, work: string, bits: number): boolean {
  if (token === '' || work === '' || work.length > 40) return false;
  const digest = hash('sha256', `${token}.${work}`, 'buffer');
  return Math.clz32(digest.readUInt32BE(0)) >= bits;
}
