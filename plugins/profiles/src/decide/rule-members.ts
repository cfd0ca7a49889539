import type { Expression } from '@tendril/plugin-api';
import type { GetOutput } from '../gen/manifest.gen.ts';
import { nearest } from '../segments/nearest.ts';
import type { Moment } from './moment.ts';

/** What rules may read of the roots whose members are known beforehand. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  profile: [
    'id',
    'traits',
    'identities',
    'groups',
    'segments',
    'consent',
    'aliases',
    'isIdentified',
    'firstSeenAt',
    'lastSeenAt',
  ] satisfies (keyof GetOutput)[],
  now: ['iso', 'date', 'year', 'month', 'day', 'hour', 'minute', 'weekday'] satisfies (keyof Moment)[],
};

/** A member that a rule reads and that there never is, with its place in the rule. */
export interface UnknownMember {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly suggestion?: string;
}

/** Members that there never are: the rule would not match anybody, without a word. */
export function unknownMembers({ source, reads }: Pick<Expression, 'source' | 'reads'>): readonly UnknownMember[] {
  return reads.flatMap(([root = '', member]) => {
    const members = MEMBERS[root];
    if (members === undefined || member === undefined || members.includes(member)) return [];
    const written = `${root}.${member}`;
    const at = source.indexOf(written);
    const place = at < 0 ? { start: 0, end: source.length } : { start: at, end: at + written.length };
    const meant = nearest(member, members);
    const message = `There is no \`${written}\`; there are ${members.join(', ')}.`;
    return [{ message, ...place, ...(meant !== undefined && { suggestion: `${root}.${meant}` }) }];
  });
}
