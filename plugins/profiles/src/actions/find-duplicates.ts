import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { comparePeople } from '../duplicates/compare-people.ts';
import { duplicateSettings } from '../duplicates/settings.ts';
import { comparePage } from '../duplicates/walk.ts';
import type { FindDuplicatesInput, FindDuplicatesOutput, Settings } from '../gen/manifest.gen.ts';
import { readPerson } from '../profile.ts';

const PAGE = 200;

/**
 * Compares one person, or people page by page, with those who are like them.
 *
 * @throws TendrilError NOT_FOUND when there is nobody of the id
 * @throws TendrilError INPUT_INVALID when the settings say that nobody is compared
 */
export const findDuplicates: ActionHandler<FindDuplicatesInput, FindDuplicatesOutput, Settings> = async (input, call) => {
  const settings = duplicateSettings(call.settings);
  if (!settings.isEnabled) {
    throw new TendrilError('INPUT_INVALID', {
      reason: 'Duplicates are not looked for. Set duplicates.isEnabled in the settings of profiles.',
    });
  }
  if (input.person === undefined) return comparePage(settings, input.limit ?? PAGE, input.cursor, call);
  const { value: person } = await readPerson(input.person, call);
  return comparePeople([person.id], { settings, isForced: true }, call);
};
