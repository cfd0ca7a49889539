import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { pluginPath } from '../../operator/hub-plugin.ts';

export default class PluginsResume extends HubCommand {
  static override description = 'Let a plugin go on that was stopped because it failed too often. `tendril plugins list` tells which are.';
  static override args = { id: Args.string({ required: true, description: 'id of the plugin' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsResume);
    const plugin = await this.hub(flags).request('POST', pluginPath(args.id, '/resume'));
    this.log(`${args.id} goes on.`);
    return plugin;
  }
}
