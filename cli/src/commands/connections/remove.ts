import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class ConnectionsRemove extends HubCommand {
  static override description = 'Forget a connection and its credentials.';
  static override args = { name: Args.string({ required: true, description: 'name of the connection' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ConnectionsRemove);
    await this.hub(flags).request('DELETE', `/v1/connections/${encodeURIComponent(args.name)}`);
    this.log(`Connection ${args.name} removed.`);
    return { name: args.name, removed: true };
  }
}
