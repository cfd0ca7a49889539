import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

export default class SegmentsDelete extends HubCommand {
  static override description = 'Delete a segment. People leave it; nothing else of them changes.';
  static override args = { name: Args.string({ required: true, description: 'name of the segment' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SegmentsDelete);
    const answer = await callAction<{ readonly name: string; readonly warnings: readonly string[] }>(
      this.hub(flags),
      'profiles.segment_delete',
      { name: args.name },
    );
    this.log(`${answer.name} is deleted.`);
    for (const warning of answer.warnings) this.note(`warning: ${warning}`);
    return answer;
  }
}
