import { HubCommand } from '../../base-command.ts';

interface Plugin {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly state: string;
  readonly isEnabled: boolean;
}

export default class PluginsList extends HubCommand {
  static override description = 'List the installed plugins and whether the tenant uses them.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PluginsList);
    const items = await this.hub(flags).list<Plugin>('/v1/plugins', 1000);
    this.table(
      items.map((plugin) => ({
        id: plugin.id,
        version: plugin.version,
        state: plugin.state === 'faulty' ? 'faulty' : plugin.isEnabled ? 'enabled' : 'disabled',
        title: plugin.title,
      })),
      'No plugin is installed.',
    );
    return { items };
  }
}
