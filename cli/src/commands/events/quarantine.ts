import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import { ago } from '../../instants.ts';

interface Quarantined {
  readonly id: string;
  readonly name: string;
  readonly receivedAt: string;
  readonly problems: readonly { readonly pointer: string; readonly message: string }[];
}

export default class EventsQuarantine extends HubCommand {
  static override description = 'List events that did not match the schema of their name, or check them again with --replay.';
  static override flags = {
    replay: Flags.boolean({ description: 'check them again; those that pass now enter the log' }),
    limit: Flags.integer({ description: 'how many to list', default: 20, min: 1, max: 1000 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(EventsQuarantine);
    const hub = this.hub(flags);
    if (flags.replay) {
      const result = await hub.request<{ accepted: number; stillInvalid: number }>('POST', '/v1/events/quarantine/replay', {});
      this.log(`${result.accepted} accepted, ${result.stillInvalid} still invalid.`);
      return result;
    }
    const items = await hub.list<Quarantined>('/v1/events/quarantine', flags.limit);
    this.table(
      items.map((event) => ({
        id: event.id,
        event: event.name,
        received: ago(event.receivedAt, Date.now()),
        because: event.problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
      })),
      'The quarantine is empty.',
    );
    return { items };
  }
}
