import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';
import { CommandFault, EXIT } from '../../../failure.ts';
import { readText } from '../../../input.ts';
import { environmentFlag, pipelineAddress } from '../../../pipeline-address.ts';

export default class PipelinesWebhookSecret extends HubCommand {
  static override description =
    'Replace what the senders of a webhook sign with, or send as their password or token. It is sealed and never shown again.';
  static override examples = [
    'tendril pipelines webhook secret order_webhook secret.txt',
    'pass show shop/hook | tendril pipelines webhook secret order_webhook -',
  ];
  static override args = {
    id: Args.string({ required: true, description: 'id of the pipeline' }),
    // Not on the command line itself, where other processes and the shell's history would see it.
    file: Args.string({ required: true, description: 'file with the secret; - is standard input' }),
  };
  static override flags = environmentFlag;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesWebhookSecret);
    const secret = readText(args.file).replace(/\r?\n$/, '');
    if (secret === '') throw new CommandFault('The secret is empty.', EXIT.commandLine);
    await this.hub(flags).request('PUT', pipelineAddress(args.id, '/webhook/secret', flags.environment), { secret });
    this.log(`Pipeline ${args.id} takes what proves to come from its new secret; the old one counts no more.`);
    return { id: args.id };
  }
}
