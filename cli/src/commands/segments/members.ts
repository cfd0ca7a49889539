import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { listByAction } from '../../customers/actions.ts';
import { nameOfPerson } from '../../customers/people.ts';
import { moment } from '../../instants.ts';

interface Member {
  readonly id: string;
  readonly since: string;
  readonly traits: Readonly<Record<string, unknown>>;
}

export default class SegmentsMembers extends HubCommand {
  static override description = 'List the people of a segment and since when they are in.';
  static override args = { name: Args.string({ required: true, description: 'name of the segment' }) };
  static override flags = { limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 10_000 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SegmentsMembers);
    const items = await listByAction<Member>(this.hub(flags), 'profiles.segment_members', { name: args.name }, flags.limit);
    this.table(
      items.map((member) => ({ id: member.id, name: nameOfPerson(member), since: moment(member.since) })),
      'Nobody is in.',
    );
    return { items };
  }
}
