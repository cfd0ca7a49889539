import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';

export default class PluginsWebhooksRotate extends HubCommand {
  static override description = "Give a plugin's webhook another address; the old one is gone at once.";
  static override examples = ['tendril plugins webhooks rotate feedback_box survey'];
  static override args = {
    id: Args.string({ required: true, description: 'id of the plugin' }),
    webhook: Args.string({ required: true, description: 'id of the webhook' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsWebhooksRotate);
    const hub = this.hub(flags);
    const path = `/v1/plugins/${encodeURIComponent(args.id)}/webhooks/${encodeURIComponent(args.webhook)}/rotate`;
    const webhook = await hub.request<{ readonly path: string }>('POST', path);
    const url = `${hub.address.url}${webhook.path}`;
    this.log(url);
    return { ...webhook, url };
  }
}
