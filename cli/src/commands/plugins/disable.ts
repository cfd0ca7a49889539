import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { pluginPath } from '../../operator/hub-plugin.ts';

export default class PluginsDisable extends HubCommand {
  static override description = 'Stop the tenant from using a plugin. Refused while others need it; its data stays.';
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsDisable);
    await this.hub(flags).request('POST', pluginPath(args.id, '/disable'));
    this.log(`${args.id} disabled.`);
    return { id: args.id, isEnabled: false };
  }
}
