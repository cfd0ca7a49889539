import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { environmentFlag, pipelineAddress } from '../../pipeline-address.ts';

export default class PipelinesRollback extends HubCommand {
  static override description =
    'Put an earlier version in force again, the one before unless told. It is checked again as things stand today.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = { ...environmentFlag, to: Flags.integer({ description: 'which version', min: 1 }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesRollback);
    const body = flags.to === undefined ? {} : { version: flags.to };
    const pipeline = await this.hub(flags).request<{ version: number; environment: string }>(
      'POST',
      pipelineAddress(args.id, '/rollback', flags.environment),
      body,
    );
    this.log(`Version ${pipeline.version} of pipeline ${args.id} is in force in ${pipeline.environment}.`);
    return pipeline;
  }
}
