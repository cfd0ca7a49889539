import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class PluginsEnable extends HubCommand {
  static override description = 'Let the tenant use a plugin, and what it requires.';
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsEnable);
    await this.hub(flags).request('POST', `/v1/plugins/${encodeURIComponent(args.id)}/enable`);
    this.log(`${args.id} enabled.`);
    return { id: args.id, isEnabled: true };
  }
}
