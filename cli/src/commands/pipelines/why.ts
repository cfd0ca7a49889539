import { Args } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { reasonLines } from '../../reason-text.ts';
import type { ShownReason } from '../../reason-text.ts';

export default class PipelinesWhy extends HubCommand {
  static override description = 'Tell what became of one event at each pipeline that such events start.';
  static override args = { event: Args.string({ required: true, description: 'its message id, or its position in the log' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PipelinesWhy);
    const answer = await this.hub(flags).request<{ items: readonly ShownReason[] }>(
      'GET',
      `/v1/events/${encodeURIComponent(args.event)}/why`,
    );
    if (answer.items.length === 0) this.log('No pipeline is started by events of this name.');
    for (const reason of answer.items) for (const line of reasonLines(reason, 'pipeline')) this.log(line);
    return answer;
  }
}
