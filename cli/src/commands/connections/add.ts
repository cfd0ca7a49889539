import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { parseJsonObject, readText } from '../../input.ts';

export default class ConnectionsAdd extends HubCommand {
  static override description = 'Add an account at a service, or replace its values: they are sealed, and tested where the service allows.';
  static override examples = [
    'tendril connections add sales_eu --plugin salesforce --kind oauth2 --values-file salesforce.json',
    'echo \'{"accessToken":"…"}\' | tendril connections add crm --plugin hubspot --kind private_app --values-file -',
  ];
  static override args = { name: Args.string({ required: true, description: 'what pipelines call it' }) };
  static override flags = {
    plugin: Flags.string({ required: true, description: 'id of the plugin' }),
    kind: Flags.string({ required: true, description: 'kind of connection, as the plugin names it' }),
    // Not as an argument: command lines are visible to other users of a machine and stay in histories.
    'values-file': Flags.string({ required: true, description: 'JSON file with its fields, `-` for standard input' }),
    sandbox: Flags.boolean({ description: 'it is a sandbox: test apps may reach it' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ConnectionsAdd);
    const file = flags['values-file'];
    const values = parseJsonObject(readText(file), file === '-' ? 'standard input' : file);
    const connection = await this.hub(flags).request<{ state: string }>('POST', '/v1/connections', {
      name: args.name,
      plugin: flags.plugin,
      kind: flags.kind,
      values,
      isSandbox: flags.sandbox,
    });
    const next = connection.state === 'untested' ? ` \`tendril connections test ${args.name}\` asks the service.` : '';
    this.log(`Connection ${args.name} is sealed: ${connection.state.replace('_', ' ')}.${next}`);
    return connection;
  }
}
