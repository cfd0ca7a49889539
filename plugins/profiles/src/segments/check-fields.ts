import { invalid, PROFILE_FIELDS } from './condition.ts';
import type { Condition } from './condition.ts';
import { nearest } from './nearest.ts';

/**
 * Whatever else is known of a person is not followed: a condition over it would never change. For what is saved anew only, so that a
 * log that has such a definition still gives the same segments.
 *
 * @throws TendrilError EXPRESSION_INVALID with the place in the condition
 */
export function checkFields({ source, fields }: Condition): void {
  const unknown = fields.find((field) => !(PROFILE_FIELDS as readonly string[]).includes(field));
  if (unknown === undefined) return;
  const problem =
    unknown === 'segments'
      ? 'Conditions ask for other segments by `in_segment("name")`.'
      : `Conditions read no \`profile.${unknown}\`; there are ${PROFILE_FIELDS.join(', ')}.`;
  const meant = nearest(unknown, PROFILE_FIELDS);
  throw invalid(source, problem, source.includes(`profile.${unknown}`) ? `profile.${unknown}` : unknown, meant && `profile.${meant}`);
}
