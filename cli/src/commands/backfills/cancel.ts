import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';

export default class BackfillsCancel extends HubCommand {
  static override description = 'Have a backfill start no more runs; those that it started go on.';
  static override args = { id: Args.string({ required: true, description: 'id of the backfill' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BackfillsCancel);
    const backfill = await this.hub(flags).request<{ state: string }>('POST', `/v1/backfills/${encodeURIComponent(args.id)}/cancel`);
    this.log(`Backfill ${args.id} is ${backfill.state}.`);
    return backfill;
  }
}
