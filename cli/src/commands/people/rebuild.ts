import { Flags } from '@oclif/core';
import { HubCommand } from '../../base-command.ts';
import type { HubClient } from '../../hub-client.ts';
import { createProgressBar } from '../../progress-bar.ts';

const CONSUMER = 'profiles.project';
const LOOK_EVERY_MS = 500;

interface Consumer {
  readonly id: string;
  readonly position: number;
  readonly lag: number;
  readonly isPaused: boolean;
  readonly isRebuilding?: boolean;
}

export default class PeopleRebuild extends HubCommand {
  static override description =
    'Make all people anew from the event log: who they are, traits, groups, segments. Merges and opt-outs are in the log and are kept; nothing is told twice. Until it is done people are incomplete, and what follows them waits.';
  static override flags = {
    'no-wait': Flags.boolean({ description: 'only ask for it; `GET /v1/consumers` tells how far it is' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PeopleRebuild);
    const hub = this.hub(flags);
    const before = await find(hub);
    const asked = await hub.request<Consumer>('POST', `/v1/consumers/${CONSUMER}/rebuild`);
    if (flags['no-wait'] || asked.isPaused) {
      this.log(asked.isPaused ? `${CONSUMER} is paused: people are made anew when it goes on.` : 'People are being made anew.');
      return asked;
    }
    const all = before.position + before.lag;
    const done = await this.#follow(hub, all);
    this.log(`People were made anew from ${String(all)} events.`);
    return done;
  }

  /** Until it has come as far as the log went when it was asked. */
  async #follow(hub: HubClient, all: number): Promise<Consumer> {
    const bar = createProgressBar('Reading the log');
    try {
      for (;;) {
        const consumer = await find(hub);
        if (consumer.isRebuilding !== true) return consumer;
        if (consumer.position < all) bar.show(consumer.position, all);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    } finally {
      bar.end();
    }
  }
}

async function find(hub: HubClient): Promise<Consumer> {
  const { items } = await hub.request<{ readonly items: readonly Consumer[] }>('GET', '/v1/consumers');
  return items.find(({ id }) => id === CONSUMER) ?? { id: CONSUMER, position: 0, lag: 0, isPaused: false };
}
