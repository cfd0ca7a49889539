import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

export default class PipelinesUndeploy extends HubCommand {
  static override description = 'Take a pipeline out of force: it starts nothing any more. Runs in flight go on, and versions are kept.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesUndeploy);
    const { environment = 'production' } = flags;
    await this.hub(flags).request('DELETE', pipelineAddress(args.id, '', environment));
    this.log(`Pipeline ${args.id} is no longer in force in ${environment}; \`tendril pipelines deploy FILE\` puts it in force again.`);
    return { id: args.id, environment };
  }
}
