import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { listByAction } from '../../customers/actions.ts';
import { nameOfPerson } from '../../customers/people.ts';
import { ago } from '../../instants.ts';

interface ShownGroup {
  readonly id: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly lastSeenAt: string;
  readonly people: number;
}

export default class GroupsList extends HubCommand {
  static override description = 'List groups (companies, accounts), last seen first.';
  static override flags = { limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }) };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(GroupsList);
    const items = await listByAction<ShownGroup>(this.hub(flags), 'profiles.group_list', {}, flags.limit);
    this.table(
      items.map((group) => ({ id: group.id, name: nameOfPerson(group), people: group.people, seen: ago(group.lastSeenAt, Date.now()) })),
      'There are no groups; applications name them by `group` calls.',
    );
    return { items };
  }
}
