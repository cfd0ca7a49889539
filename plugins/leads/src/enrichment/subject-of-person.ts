import type { JsonObject } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';
import type { Subject } from './fact.ts';

/** What of a person's traits others may be found by. */
export function subjectOfTraits(traits: JsonObject, { emailTrait = 'email', phoneTrait = 'phone' }: Settings): Subject {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(traits, name) ? traits[name] : undefined;
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const country = text('country');
  const found = {
    email: text(emailTrait),
    phone: text(phoneTrait),
    name: text('name'),
    locale: text('locale'),
    timeZone: text('timezone') ?? text('timeZone'),
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
