import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ENVIRONMENTS, pipelineAddress } from '../../pipeline-address.ts';

export default class PipelinesPromote extends HubCommand {
  static override description =
    'Put the version of one environment in force in another. Settings of the other are kept where they still fit.';
  static override examples = ['tendril pipelines promote welcome staging production'];
  static override args = {
    id: Args.string({ required: true, description: 'id of the pipeline' }),
    from: Args.string({ required: true, description: 'whose version is taken', options: ENVIRONMENTS }),
    to: Args.string({ required: true, description: 'where it is put in force', options: ENVIRONMENTS }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesPromote);
    const pipeline = await this.hub(flags).request<{ version: number }>('POST', pipelineAddress(args.id, '/promote'), {
      from: args.from,
      to: args.to,
    });
    this.log(`Version ${pipeline.version} of pipeline ${args.id} is in force in ${args.to}.`);
    return pipeline;
  }
}
