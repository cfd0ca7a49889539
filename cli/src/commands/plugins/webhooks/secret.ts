import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';
import { CommandFault, EXIT } from '../../../failure.ts';
import { readText } from '../../../input.ts';

export default class PluginsWebhooksSecret extends HubCommand {
  static override description =
    "Replace what the senders of a plugin's webhook sign with, or send as their password. It is sealed and never shown again.";
  static override examples = [
    'tendril plugins webhooks secret feedback_box survey secret.txt',
    'pass show survey/hook | tendril plugins webhooks secret feedback_box survey -',
  ];
  static override args = {
    id: Args.string({ required: true, description: 'id of the plugin' }),
    webhook: Args.string({ required: true, description: 'id of the webhook' }),
    // Not on the command line itself, where other processes and the shell's history would see it.
    file: Args.string({ required: true, description: 'file with the secret; - is standard input' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsWebhooksSecret);
    const secret = readText(args.file).replace(/\r?\n$/, '');
    if (secret === '') throw new CommandFault('The secret is empty.', EXIT.commandLine);
    const path = `/v1/plugins/${encodeURIComponent(args.id)}/webhooks/${encodeURIComponent(args.webhook)}/secret`;
    await this.hub(flags).request('PUT', path, { secret });
    this.log(`${args.id} takes at ${args.webhook} what proves to come from its new secret; the old one counts no more.`);
    return { id: args.id, webhook: args.webhook };
  }
}
