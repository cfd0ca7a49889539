import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { broadcastRow } from '../../broadcast-rows.ts';
import type { ShownBroadcast } from '../../broadcast-rows.ts';
import { queryOf } from '../../pipeline-address.ts';

export default class BroadcastsList extends HubCommand {
  static override description = 'List broadcasts, newest first.';
  static override flags = {
    pipeline: Flags.string({ description: 'only of this pipeline' }),
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BroadcastsList);
    const items = await this.hub(flags).list<ShownBroadcast>(`/v1/broadcasts${queryOf({ pipeline: flags.pipeline })}`, flags.limit);
    this.table(
      items.map((broadcast) => broadcastRow(broadcast, Date.now())),
      'Nothing has been sent; `tendril broadcasts send PIPELINE` does.',
    );
    return { items };
  }
}
