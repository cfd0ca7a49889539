import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import type { ShownBroadcast } from '../../broadcast-rows.ts';

export default class BroadcastsPause extends HubCommand {
  static override description = 'Start no more runs of a broadcast until it is resumed; those in flight go on.';
  static override args = { id: Args.string({ required: true, description: 'id of the broadcast' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BroadcastsPause);
    const broadcast = await this.hub(flags).request<ShownBroadcast>('POST', `/v1/broadcasts/${encodeURIComponent(args.id)}/pause`);
    this.log(`Broadcast ${args.id} is ${broadcast.state}.`);
    return broadcast;
  }
}
