import { HubCommand } from '../../base-command.ts';

interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
}

export default class TenantsList extends HubCommand {
  static override description = 'List the tenants of this installation.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(TenantsList);
    const items = await this.hub(flags).list<Tenant>('/v1/tenants', 1000);
    this.table(
      items.map(({ id, name, timeZone }) => ({ id, name, timeZone })),
      'There is no tenant.',
    );
    return { items };
  }
}
