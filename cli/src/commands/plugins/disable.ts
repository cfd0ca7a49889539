import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class PluginsDisable extends HubCommand {
  static override description = 'Stop the tenant from using a plugin. Refused while others need it.';
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsDisable);
    await this.hub(flags).request('POST', `/v1/plugins/${encodeURIComponent(args.id)}/disable`);
    this.log(`${args.id} disabled.`);
    return { id: args.id, isEnabled: false };
  }
}
