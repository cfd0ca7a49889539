import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class TenantsCreate extends HubCommand {
  static override description = 'Create a tenant: data, keys and settings of its own.';
  static override args = { id: Args.string({ required: true, description: 'lower case letters, digits and underscores' }) };
  static override flags = {
    name: Flags.string({ description: 'what people read; the id unless given' }),
    'time-zone': Flags.string({ description: 'IANA name', default: 'UTC' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(TenantsCreate);
    const tenant = await this.hub(flags).request('POST', '/v1/tenants', {
      id: args.id,
      name: flags.name ?? args.id,
      timeZone: flags['time-zone'],
    });
    this.log(`Tenant ${args.id} created.`);
    return tenant;
  }
}
