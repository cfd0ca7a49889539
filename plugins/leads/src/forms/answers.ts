import type { JsonObject } from '@tendril/plugin-api';
import type { FormsRow } from '../gen/manifest.gen.ts';
import { parseEmail } from '../intake/email-syntax.ts';

/** A field of a form. */
export type Field = FormsRow['fields'][number];
/** By field. */
export type Values = Record<string, string | number | boolean>;

/** Something that the person has to mend. */
export interface AnswerProblem {
  readonly field: string;
  readonly message: string;
}

/** What was answered. */
export interface Answers {
  readonly values: Values;
  /** Purposes that were agreed to. */
  readonly consents: string[];
  readonly problems: readonly AnswerProblem[];
}

/** The field that people do not see: who fills it in is none. */
export const HONEYPOT = '_website';
/** The hidden field with the token of the page. */
export const TOKEN_FIELD = '_token';
/** The hidden field with the proof of work. */
export const WORK_FIELD = '_work';
const LONGEST = {
  text: 500,
  textarea: 5_000,
  email: 320,
  tel: 60,
  url: 2_000,
  number: 40,
  select: 200,
  checkbox: 20,
  hidden: 500,
} as const;

/** The name of the box of a purpose. */
export function consentField(purpose: string): string {
  return `_consent_${purpose}`;
}

/** One text of a form's field; the first where there are several. */
export function textOf(body: JsonObject, name: string): string {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  const first = Array.isArray(value) ? (value as readonly unknown[])[0] : value;
  return typeof first === 'string' ? first.trim() : typeof first === 'number' || typeof first === 'boolean' ? String(first) : '';
}

/** Reads and checks what was sent, field by field; what the form does not ask for is left out. */
export function readAnswers({ fields, consents = [] }: Pick<FormsRow, 'fields' | 'consents'>, body: JsonObject): Answers {
  const values: Values = {};
  const problems: AnswerProblem[] = [];
  for (const field of fields) {
    const text = field.type === 'hidden' ? (field.value ?? '') : textOf(body, field.name);
    const message = problemOf(field, text);
    if (message !== undefined) problems.push({ field: field.name, message });
    else if (field.type === 'checkbox') values[field.name] = isTicked(text);
    else if (text !== '') values[field.name] = field.type === 'number' ? Number(text) : text;
  }
  const agreed = consents.filter(({ purpose }) => isTicked(textOf(body, consentField(purpose)))).map(({ purpose }) => purpose);
  for (const { purpose, isRequired } of consents) {
    if (isRequired === true && !agreed.includes(purpose)) problems.push({ field: consentField(purpose), message: 'Please agree to this.' });
  }
  return { values, consents: agreed, problems };
}

function problemOf({ type, isRequired = false, mostCharacters, options = [] }: Field, text: string): string | undefined {
  if (text === '' || (type === 'checkbox' && !isTicked(text))) return isRequired ? 'Please fill this in.' : undefined;
  const most = mostCharacters ?? LONGEST[type];
  if (text.length > most) return `Please write at most ${String(most)} characters.`;
  switch (type) {
    case 'email':
      return parseEmail(text) === undefined ? 'Please enter an e-mail address, such as name@example.com.' : undefined;
    case 'tel':
      return /^[+\d][\d\s()/.-]*$/.test(text) && (text.match(/\d/g)?.length ?? 0) >= 5 ? undefined : 'Please enter a phone number.';
    case 'url':
      return /^https?:\/\//i.test(text) && URL.canParse(text) ? undefined : 'Please enter an address that begins with https://.';
    case 'number':
      return /^-?\d{1,15}(?:\.\d{1,10})?$/.test(text) ? undefined : 'Please enter a number.';
    case 'select':
      return options.some(({ value }) => value === text) ? undefined : 'Please choose one of these.';
    default:
      return undefined;
  }
}

function isTicked(text: string): boolean {
  return text !== '' && text !== 'false' && text !== '0' && text !== 'off';
}
