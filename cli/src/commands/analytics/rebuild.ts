import { Flags } from '@oclif/core';
import type { Freshness } from '../../analytics.ts';
import { HubCommand } from '../../base-command.ts';
import { callAction } from '../../customers/actions.ts';
import { createProgressBar } from '../../progress-bar.ts';

const LOOK_EVERY_MS = 500;

export default class AnalyticsRebuild extends HubCommand {
  static override description =
    'Empty the columnar copy of the events and fill it again from the log: after its settings were changed, or when it is damaged.';
  static override flags = {
    'no-wait': Flags.boolean({ description: 'end as soon as it is empty; `tendril analytics status` tells how far it is' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AnalyticsRebuild);
    const hub = this.hub(flags);
    await callAction(hub, 'analytics.rebuild', {});
    if (flags['no-wait']) {
      this.log('The columnar copy is empty and is being filled; `tendril analytics status` tells how far it is.');
      return { isEmptied: true };
    }
    const bar = createProgressBar('Reading the log');
    try {
      for (;;) {
        const status = await callAction<Freshness>(hub, 'analytics.status', {});
        bar.show(status.position, status.head);
        if (status.behindEvents > 0) {
          await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
          continue;
        }
        bar.end();
        this.log(`The columnar copy holds all ${status.head} events again.`);
        return { isEmptied: true, ...status };
      }
    } finally {
      bar.end();
    }
  }
}
