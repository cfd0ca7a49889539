import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

export default class PeopleDismiss extends HubCommand {
  static override description = 'Say that two people who look alike are two: they are not proposed again.';
  static override args = {
    left: Args.string({ required: true, description: 'id of the one' }),
    right: Args.string({ required: true, description: 'id of the other' }),
  };
  static override flags = { reason: Flags.string({ description: 'why, for whoever looks later' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeopleDismiss);
    const answer = await callAction<{ readonly id: string; readonly state: string }>(this.hub(flags), 'profiles.dismiss_duplicate', {
      id: [args.left, args.right].toSorted().join('~'),
      ...(flags.reason !== undefined && { reason: flags.reason }),
    });
    this.log(`${args.left} and ${args.right} are two people.`);
    return answer;
  }
}
