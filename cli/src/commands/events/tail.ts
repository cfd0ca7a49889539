import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { followLog } from '../../event-stream.ts';
import type { StreamedEvent } from '../../event-stream.ts';
import { interruption } from '../../interrupt.ts';

export default class EventsTail extends HubCommand {
  static override description = 'Show events as they arrive; Ctrl-C ends it. With --json, one event a line.';
  static override flags = {
    name: Flags.string({ description: 'only this event name' }),
    limit: Flags.integer({ description: 'end after so many', min: 1 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(EventsTail);
    let seen = 0;
    const stop = interruption();
    await followLog({
      hub: this.hub(flags),
      signal: stop.signal,
      onReady: () => this.note('Following the log; Ctrl-C ends it.'),
      onEvent: (event) => {
        if (flags.name !== undefined && event.name !== flags.name) return;
        if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(event)}\n`);
        else this.log(line(event));
        seen += 1;
        if (flags.limit !== undefined && seen >= flags.limit) stop.abort();
      },
    });
    return undefined;
  }
}

function line(event: StreamedEvent): string {
  const who = event.identities.userId ?? event.identities.anonymousId ?? '-';
  return `${event.receivedAt}  ${String(event.position).padStart(8)}  ${event.name.padEnd(28)}  ${who}`;
}
