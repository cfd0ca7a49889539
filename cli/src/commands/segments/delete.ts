import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

export default class SegmentsDelete extends HubCommand {
  static override description = 'Delete a segment. Nobody is in it any more, and nobody is reported to have left it.';
  static override args = { name: Args.string({ required: true, description: 'name of the segment' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SegmentsDelete);
    const answer = await callAction<{ readonly name: string; readonly isVisible: boolean }>(this.hub(flags), 'profiles.segment_delete', {
      name: args.name,
    });
    this.log(answer.isVisible ? `${answer.name} is deleted.` : `${answer.name} is deleted as soon as the log is followed so far.`);
    return answer;
  }
}
