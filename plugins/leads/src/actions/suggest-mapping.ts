import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, SuggestMappingInput, SuggestMappingOutput } from '../gen/manifest.gen.ts';
import { suggestColumns, suggestConsent } from '../imports/suggest.ts';

/** Proposes what columns mean, in the words of the settings. */
export const suggestMapping: ActionHandler<SuggestMappingInput, SuggestMappingOutput, Settings> = async (
  { columns, sample = [] },
  call,
) => {
  const { emailTrait = 'email', phoneTrait = 'phone' } = call.settings;
  const own = (to: string): string => (to === 'email' ? emailTrait : to === 'phone' ? phoneTrait : to);
  const consent = suggestConsent(columns, sample);
  const named = suggestColumns(columns, sample).map((one) => (one.to === undefined ? one : { ...one, to: own(one.to) }));
  return {
    items: named,
    mapping: Object.fromEntries(named.flatMap(({ column, to }) => (to === undefined ? [] : [[column, to]]))),
    types: Object.fromEntries(named.flatMap(({ column, type, to }) => (to === undefined || type === 'text' ? [] : [[column, type]]))),
    ...(consent === undefined ? {} : { consent: consent as NonNullable<SuggestMappingOutput['consent']> }),
  };
};
