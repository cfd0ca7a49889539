import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { personIdOf } from '../../customers/people.ts';

interface Unmerged {
  readonly link: string;
  readonly isChanged: boolean;
  readonly isVisible: boolean;
}

export default class PeopleUnmerge extends HubCommand {
  static override description = 'Undo a merge: both are people of their own again, with what was theirs, and stay apart from then on.';
  static override examples = ['tendril people unmerge l3f1c0de5', 'tendril people unmerge userId:u2'];
  static override args = {
    link: Args.string({ description: 'id of the merge, as `people merges` shows it; or a person, whose last merge is undone' }),
  };
  static override flags = {
    person: Flags.string({
      description: 'in place of the link: who was joined to another, or whose last merge is undone',
      exclusive: ['link'],
    }),
    reason: Flags.string({ description: 'why, for whoever looks later' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeopleUnmerge);
    const hub = this.hub(flags);
    if ((args.link === undefined) === (flags.person === undefined)) this.error('Name the merge or a person.', { exit: 2 });
    // Ids of links begin with an l, those of people with a p; addresses and identities have a sign in them.
    const isLink = args.link !== undefined && /^l[^:@]*$/.test(args.link);
    const person = isLink ? undefined : (flags.person ?? args.link);
    const unmerged = await callAction<Unmerged>(hub, 'profiles.unmerge', {
      ...(isLink && { link: args.link }),
      ...(person !== undefined && { person: await personIdOf(hub, person) }),
      ...(flags.reason !== undefined && { reason: flags.reason }),
    });
    this.log(
      `Merge ${unmerged.link} is undone${unmerged.isChanged ? '' : ' already'}${unmerged.isVisible ? '' : '; profiles show it as soon as they have read that far'}.`,
    );
    return unmerged;
  }
}
