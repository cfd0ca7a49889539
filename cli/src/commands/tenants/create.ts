import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class TenantsCreate extends HubCommand {
  static override description =
    'Create a tenant: data, keys and settings of its own. Prints its first admin key, which is shown once; `keys create --tenant` makes others.';
  static override args = { id: Args.string({ required: true, description: 'lower case letters, digits and underscores' }) };
  static override flags = {
    name: Flags.string({ description: 'what people read; the id unless given' }),
    'time-zone': Flags.string({ description: 'IANA name', default: 'UTC' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(TenantsCreate);
    const hub = this.hub(flags);
    const tenant = await hub.request<object>('POST', '/v1/tenants', {
      id: args.id,
      name: flags.name ?? args.id,
      timeZone: flags['time-zone'],
    });
    if (!this.jsonEnabled()) this.note(`Tenant ${args.id} created. Its admin key, for TENDRIL_KEY or --key, is not shown again:`);
    const key = await hub.request<{ readonly secret: string }>('POST', `/v1/tenants/${encodeURIComponent(args.id)}/keys`, {
      kind: 'secret',
      scopes: ['admin'],
    });
    this.log(key.secret);
    return { ...tenant, adminKey: key };
  }
}
