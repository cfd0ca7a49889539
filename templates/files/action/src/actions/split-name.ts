import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, SplitNameInput, SplitNameOutput } from '../gen/manifest.gen.ts';

/** Splits a full name at its last blank, or at its first where the family name stands first. */
export const splitName: ActionHandler<SplitNameInput, SplitNameOutput, Settings> = async ({ fullName }, call) => {
  const words = fullName.trim().split(/\s+/);
  // The hub has filled defaults in and checked the input against its schema.
  const familyName = words.length < 2 ? undefined : call.settings.isFamilyNameFirst === true ? words.shift() : words.pop();
  return { givenName: words.join(' '), ...(familyName === undefined ? {} : { familyName }) };
};
