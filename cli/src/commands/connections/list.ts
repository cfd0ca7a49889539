import { HubCommand } from '../../base-command.ts';

interface Connection {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly isSandbox: boolean;
  readonly state: string;
}

export default class ConnectionsList extends HubCommand {
  static override description = 'List the accounts at outside services.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConnectionsList);
    const items = await this.hub(flags).list<Connection>('/v1/connections', 1000);
    this.table(
      items.map(({ name, plugin, kind, isSandbox, state }) => ({
        name,
        plugin,
        kind,
        reaches: isSandbox ? 'sandbox' : 'live',
        state: state.replace('_', ' '),
      })),
      'There is no connection; `tendril connections add` makes one.',
    );
    return { items };
  }
}
