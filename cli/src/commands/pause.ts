import { HubCommand } from '../base-command.ts';

export default class Pause extends HubCommand {
  static override description = 'Hold back every message and every expense, at once, until `tendril resume`.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Pause);
    const status = await this.hub(flags).request('POST', '/v1/governor/pause');
    this.log('Paused: nothing is sent or spent until `tendril resume`.');
    return status;
  }
}
