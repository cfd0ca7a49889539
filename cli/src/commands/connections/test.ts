import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';

export default class ConnectionsTest extends HubCommand {
  static override description = 'Ask the service whether the connection works.';
  static override args = { name: Args.string({ required: true, description: 'name of the connection' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ConnectionsTest);
    const result = await this.hub(flags).request<{ isWorking: boolean; message?: string }>(
      'POST',
      `/v1/connections/${encodeURIComponent(args.name)}/test`,
    );
    this.log(result.isWorking ? `${args.name} works.` : `${args.name} does not work: ${result.message ?? 'no reason given'}`);
    if (!result.isWorking) process.exitCode = EXIT.refused;
    return result;
  }
}
