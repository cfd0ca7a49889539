import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

export default class PipelinesResume extends HubCommand {
  static override description = 'Let runs of a pipeline be started again, and those that were held go on.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesResume);
    await this.hub(flags).request('POST', pipelineAddress(args.id, '/resume', flags.environment));
    this.log(`Pipeline ${args.id} resumed.`);
    return { id: args.id, isPaused: false };
  }
}
