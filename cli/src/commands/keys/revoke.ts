import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class KeysRevoke extends HubCommand {
  static override description = 'Revoke a key at once.';
  static override args = { id: Args.string({ required: true, description: 'id of the key' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(KeysRevoke);
    await this.hub(flags).request('POST', `/v1/keys/${encodeURIComponent(args.id)}/revoke`);
    this.log('Revoked.');
    return { id: args.id, revoked: true };
  }
}
