import { HubCommand } from '../base-command.ts';

export default class Resume extends HubCommand {
  static override description = 'Let messages and expenses out again.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Resume);
    const status = await this.hub(flags).request('POST', '/v1/governor/resume');
    this.log('Resumed.');
    return status;
  }
}
