import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';
import { environmentFlag, pipelineAddress } from '../../../pipeline-address.ts';

export default class PipelinesWebhookRotate extends HubCommand {
  static override description = 'Give a pipeline that a webhook starts another address; the old one is gone at once.';
  static override args = { id: Args.string({ required: true, description: 'id of the pipeline' }) };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesWebhookRotate);
    const hub = this.hub(flags);
    const { webhookPath } = await hub.request<{ webhookPath: string }>(
      'POST',
      pipelineAddress(args.id, '/webhook/rotate', flags.environment),
    );
    this.log(`${hub.address.url}${webhookPath}`);
    return { id: args.id, webhookPath, url: `${hub.address.url}${webhookPath}` };
  }
}
