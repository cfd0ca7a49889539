import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { followStream } from '../../event-stream.ts';
import type { StreamedEvent } from '../../event-stream.ts';

export default class EventsTail extends HubCommand {
  static override description = 'Show events as they arrive; Ctrl-C ends it. With --json, one event a line.';
  static override flags = {
    name: Flags.string({ description: 'only this event name' }),
    limit: Flags.integer({ description: 'end after so many', min: 1 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(EventsTail);
    let seen = 0;
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    await followStream(this.hub(flags).address, stop.signal, (event) => {
      if (flags.name !== undefined && event.name !== flags.name) return;
      if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(event)}\n`);
      else this.log(line(event));
      seen += 1;
      if (flags.limit !== undefined && seen >= flags.limit) stop.abort();
    });
    return undefined;
  }

  protected override logJson(json: unknown): void {
    if (json !== undefined) super.logJson(json);
  }
}

function line(event: StreamedEvent): string {
  const who = event.identities.userId ?? event.identities.anonymousId ?? '-';
  return `${new Date(event.receivedAt).toISOString()}  ${String(event.position).padStart(8)}  ${event.name.padEnd(28)}  ${who}`;
}
