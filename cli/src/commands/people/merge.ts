import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { PERSON_TEXT, personIdOf } from '../../customers/people.ts';

interface Merged {
  readonly isChanged: boolean;
  readonly link?: string;
  readonly isVisible: boolean;
  readonly into: string;
  readonly from: string;
}

export default class PeopleMerge extends HubCommand {
  static override description = 'Join two people into one. It can be undone, and gives both histories back.';
  static override examples = ['tendril people merge p1 userId:u2 --reason "same person, told us by phone"'];
  static override args = {
    into: Args.string({ required: true, description: `who stays: ${PERSON_TEXT}` }),
    from: Args.string({ required: true, description: 'who is joined to it, named in the same ways' }),
  };
  static override flags = { reason: Flags.string({ description: 'why, for whoever looks later' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeopleMerge);
    const hub = this.hub(flags);
    const merged = await callAction<Merged>(hub, 'profiles.merge', {
      into: await personIdOf(hub, args.into),
      from: await personIdOf(hub, args.from),
      ...(flags.reason !== undefined && { reason: flags.reason }),
    });
    this.log(
      merged.isChanged
        ? `${merged.from} is part of ${merged.into}${merged.isVisible ? '' : ' as soon as profiles have read that far'}.`
        : `Both are ${merged.into} already; nothing was changed.`,
    );
    this.log(
      merged.link === undefined
        ? `\`tendril people merges ${merged.into}\` tells what joined them.`
        : `\`tendril people unmerge ${merged.link}\` undoes it.`,
    );
    return merged;
  }
}
