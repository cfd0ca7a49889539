import type { Freshness } from '../../analytics.ts';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';

export default class AnalyticsStatus extends HubCommand {
  static override description = 'How far the columnar copy of the events is behind the log.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AnalyticsStatus);
    const status = await callAction<Freshness>(this.hub(flags), 'analytics.status', {});
    const { position, head, behindEvents, behindMs } = status;
    if (head === 0) this.log('There are no events yet.');
    else if (behindEvents === 0) this.log(`The columnar copy knows all ${head} events.`);
    else this.log(`The columnar copy knows ${position} of ${head} events, and is ${Math.ceil(behindMs / 1_000)} s behind.`);
    return status;
  }
}
