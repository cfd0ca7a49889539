import { HubCommand } from '../../base-command.ts';

interface Channel {
  readonly name: string;
  readonly title: string;
  readonly action: string;
  readonly address: string;
  readonly unsubscribe: string;
}

export default class ChannelsList extends HubCommand {
  static override description = 'List the ways to reach a person that the enabled plugins contribute.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ChannelsList);
    const items = await this.hub(flags).list<Channel>('/v1/channels', 1000);
    this.table(
      items.map(({ name, title, action, address, unsubscribe }) => ({ channel: name, action, address, unsubscribe, title })),
      'No enabled plugin has a channel.',
    );
    return { items };
  }
}
