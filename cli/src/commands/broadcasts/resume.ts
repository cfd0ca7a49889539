import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import type { ShownBroadcast } from '../../broadcast-rows.ts';

export default class BroadcastsResume extends HubCommand {
  static override description = 'Let a broadcast go on that was paused.';
  static override args = { id: Args.string({ required: true, description: 'id of the broadcast' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BroadcastsResume);
    const broadcast = await this.hub(flags).request<ShownBroadcast>('POST', `/v1/broadcasts/${encodeURIComponent(args.id)}/resume`);
    this.log(`Broadcast ${args.id} is ${broadcast.state}.`);
    return broadcast;
  }
}
