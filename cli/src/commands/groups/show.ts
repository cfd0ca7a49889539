import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction, listByAction } from '../../customers/actions.ts';
import { nameOfPerson } from '../../customers/people.ts';
import type { ShownPerson } from '../../customers/people.ts';
import { ago, moment } from '../../instants.ts';

interface GroupDetail {
  readonly id: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly people: number;
  readonly peopleLastSeenAt?: string;
  readonly sums: Readonly<Record<string, number>>;
}

export default class GroupsShow extends HubCommand {
  static override description = 'Show a group: what is known of it, what its people come to, and who they are.';
  static override args = { id: Args.string({ required: true, description: 'id of the group, as the application says' }) };
  static override flags = { people: Flags.integer({ description: 'how many people to show', default: 10, min: 0, max: 1000 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(GroupsShow);
    const hub = this.hub(flags);
    const group = await callAction<GroupDetail>(hub, 'profiles.group_get', { id: args.id });
    const members = flags.people === 0 ? [] : await listByAction<ShownPerson>(hub, 'profiles.group_members', { id: args.id }, flags.people);
    this.log(`${nameOfPerson(group) || group.id} (${group.id}), ${String(group.people)} people`);
    this.log(`told of     ${moment(group.firstSeenAt)} to ${moment(group.lastSeenAt)} UTC`);
    if (group.peopleLastSeenAt !== undefined) this.log(`people seen ${ago(group.peopleLastSeenAt, Date.now())}`);
    const traits = Object.entries(group.traits).map(([trait, value]) => ({ trait, value }));
    const sums = Object.entries(group.sums).map(([trait, value]) => ({ trait: `${trait}, sum of the people`, value }));
    this.table([...traits, ...sums], 'No traits are known.');
    if (flags.people > 0)
      this.table(
        members.map((member) => ({ id: member.id, name: nameOfPerson(member), seen: ago(member.lastSeenAt, Date.now()) })),
        'Nobody belongs to it.',
      );
    return { ...group, members };
  }
}
