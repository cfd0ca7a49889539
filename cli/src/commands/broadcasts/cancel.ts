import { Args, Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import type { ShownBroadcast } from '../../broadcast-rows.ts';

export default class BroadcastsCancel extends HubCommand {
  static override description = 'Start no more runs of a broadcast, ever; those in flight go on unless --with-runs.';
  static override args = { id: Args.string({ required: true, description: 'id of the broadcast' }) };
  static override flags = { 'with-runs': Flags.boolean({ description: 'cancel the runs that have been started, too' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BroadcastsCancel);
    const broadcast = await this.hub(flags).request<ShownBroadcast>('POST', `/v1/broadcasts/${encodeURIComponent(args.id)}/cancel`, {
      withRuns: flags['with-runs'],
    });
    this.log(`Broadcast ${args.id} is ${broadcast.state}.`);
    return broadcast;
  }
}
