import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';

interface Webhook {
  readonly id: string;
  readonly title: string;
  readonly verify: string;
  readonly path: string;
  readonly secret: 'none' | 'of_address' | 'of_connection';
  readonly secretField?: string;
  readonly isReady: boolean;
}

export default class PluginsWebhooksList extends HubCommand {
  static override description = 'Show the addresses that services call for a plugin. Whoever knows one may call it.';
  static override examples = ['tendril plugins webhooks list feedback_box'];
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsWebhooksList);
    const hub = this.hub(flags);
    const webhooks = await hub.list<Webhook>(`/v1/plugins/${encodeURIComponent(args.id)}/webhooks`, 1000);
    const items = webhooks.map((webhook) => ({ ...webhook, url: `${hub.address.url}${webhook.path}` }));
    this.table(
      items.map(({ id, verify, isReady, url }) => ({ webhook: id, verify, ready: isReady ? 'yes' : 'no', url })),
      `${args.id} has no webhook.`,
    );
    for (const webhook of items.filter(({ isReady }) => !isReady)) this.note(missingSecret(args.id, webhook));
    return { items };
  }
}

function missingSecret(plugin: string, { id, secretField }: Webhook): string {
  const how =
    secretField === undefined
      ? `give it with: tendril plugins webhooks secret ${plugin} ${id} FILE`
      : `it is the field ${secretField} of the connection: tendril connections add`;
  return `${id} refuses everything until there is a secret; ${how}`;
}
