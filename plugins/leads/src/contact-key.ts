import type { Settings } from './gen/manifest.gen.ts';
import { createPhoneReader } from './intake/phone.ts';

/** Ways to reach a person, as leads are matched by them. */
export interface Contacts {
  /** What people call them. */
  readonly name?: string;
  readonly email?: string;
  /** E.164 where it could be understood, else as given. */
  readonly phone?: string;
  /** `email:…` and `phone:…`; only what identifies somebody. */
  readonly keys: readonly string[];
}

/** Reads the ways to reach a person from traits. */
export type ReadContacts = (traits: Readonly<Record<string, unknown>>) => Contacts;

const GMAIL = new Set(['gmail.com', 'googlemail.com']);
const KEY_CHARACTERS = 190;

/** The phone library is loaded only where a phone number may come. */
export async function createContactReader(settings: Settings, mayHavePhone: boolean): Promise<ReadContacts> {
  const readPhone = mayHavePhone ? await createPhoneReader(settings.defaultCountry) : undefined;
  return (traits) => {
    const email = normaliseEmail(own(traits, settings.emailTrait ?? 'email'));
    const phone = textOf(own(traits, settings.phoneTrait ?? 'phone'));
    const read = phone === undefined ? undefined : readPhone?.(phone);
    const number = read === 'invalid' ? undefined : read;
    const keys = [
      ...(email === undefined ? [] : [`email:${settings.foldGmail === true ? foldGmail(email) : email}`]),
      ...(number === undefined ? [] : [`phone:${number}`]),
    ].filter((key) => Buffer.byteLength(key) <= KEY_CHARACTERS);
    const name = nameOf(traits);
    return {
      keys,
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(phone === undefined ? {} : { phone: number ?? phone }),
    };
  };
}

/** The trait `name`, or first and last name. */
function nameOf(traits: Readonly<Record<string, unknown>>): string | undefined {
  const whole = textOf(own(traits, 'name'));
  if (whole !== undefined) return whole;
  const parts = [own(traits, 'firstName'), own(traits, 'lastName')].flatMap((part) => textOf(part) ?? []);
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** One spelling for all cases of an address; `undefined` for what cannot be one. */
export function normaliseEmail(value: unknown): string | undefined {
  const email = textOf(value)?.normalize('NFKC').trim().toLowerCase();
  if (email === undefined || email.length > 320 || /\s/.test(email)) return undefined;
  const at = email.lastIndexOf('@');
  return at > 0 && at < email.length - 1 ? email : undefined;
}

/** Gmail delivers to the same box whatever dots there are and whatever follows a plus. */
export function foldGmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (!GMAIL.has(email.slice(at + 1))) return email;
  return `${(email.slice(0, at).split('+')[0] ?? '').replaceAll('.', '')}@gmail.com`;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 400) : undefined;
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
