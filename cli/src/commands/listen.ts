import { createHmac, randomBytes } from 'node:crypto';
import { Flags } from '@oclif/core';
import { HubCommand } from '../base-command.ts';
import { followStream } from '../event-stream.ts';
import type { StreamedEvent } from '../event-stream.ts';

export default class Listen extends HubCommand {
  static override description = 'Bring the hub\'s events to a machine under development: each is posted to an address as a signed webhook (Standard Webhooks).';
  static override examples = ['tendril listen --forward-to http://localhost:3000/webhooks/tendril', 'tendril listen --forward-to http://localhost:3000/hooks --events "tendril.run.ended,Order Completed"'];
  static override flags = {
    'forward-to': Flags.string({ required: true, description: 'where to post each event' }),
    events: Flags.string({ description: 'only these event names, separated by commas' }),
    secret: Flags.string({ description: 'signing secret (whsec_…); a new one is made and printed without it' }),
    limit: Flags.integer({ description: 'end after so many', min: 1 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Listen);
    const secret = flags.secret ?? `whsec_${randomBytes(24).toString('base64')}`;
    const names = flags.events?.split(',').map((name) => name.trim());
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    this.log(`Forwarding to ${flags['forward-to']}. Signing secret for this session: ${secret}\nCtrl-C ends it.`);
    let forwarded = 0;
    // One after another, so that the application sees events in the order of the log.
    let last = Promise.resolve();
    await followStream(this.hub(flags).address, stop.signal, (event) => {
      if (names !== undefined && !names.includes(event.name)) return;
      last = last.then(async () => {
        if (flags.limit !== undefined && forwarded >= flags.limit) return;
        this.log(`${event.name}  ${await forward(flags['forward-to'], secret, event)}`);
        forwarded += 1;
        if (flags.limit !== undefined && forwarded >= flags.limit) stop.abort();
      });
    });
    await last;
    return { forwarded };
  }
}

/** Posts one event; answers with what became of it, in words. A target that is down loses the event, as the log keeps it. */
async function forward(target: string, secret: string, event: StreamedEvent): Promise<string> {
  const body = JSON.stringify({ type: event.name, timestamp: new Date(event.receivedAt).toISOString(), data: event });
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).update(`${event.id}.${timestamp}.${body}`).digest('base64');
  try {
    const response = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json', 'webhook-id': event.id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` }, body, signal: AbortSignal.timeout(10_000) });
    return String(response.status);
  } catch (error) {
    return `not delivered: ${error instanceof Error ? error.message : 'unknown reason'}`;
  }
}
