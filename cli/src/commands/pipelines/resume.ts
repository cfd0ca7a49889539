import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class PipelinesResume extends HubCommand {
  static override description = 'Let events start runs of a pipeline again.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesResume);
    await this.hub(flags).request('POST', `/v1/pipelines/${encodeURIComponent(args.id)}/resume`);
    this.log(`Pipeline ${args.id} resumed.`);
    return { id: args.id, isPaused: false };
  }
}
