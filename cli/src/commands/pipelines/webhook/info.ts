import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';
import { CommandFault } from '../../../failure.ts';
import { environmentFlag, pipelineAddress } from '../../../pipeline-address.ts';

export default class PipelinesWebhookInfo extends HubCommand {
  static override description = 'Show the address of a pipeline that a webhook starts. Whoever knows it may call it.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesWebhookInfo);
    const hub = this.hub(flags);
    const { webhookPath, trigger } = await hub.request<{ webhookPath?: string; trigger: { webhook?: unknown } }>(
      'GET',
      pipelineAddress(args.id, '', flags.environment),
    );
    if (webhookPath === undefined)
      throw new CommandFault(`Pipeline ${args.id} has no address, or the key may not see it: that needs the scope \`pipelines\`.`);
    this.log(`${hub.address.url}${webhookPath}`);
    return {
      id: args.id,
      webhookPath,
      url: `${hub.address.url}${webhookPath}`,
      ...(trigger.webhook === undefined ? {} : { webhook: trigger.webhook }),
    };
  }
}
