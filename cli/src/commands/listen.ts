import { createHmac, randomBytes } from 'node:crypto';
import { Flags } from '@oclif/core';
import { HubCommand } from '../base-command.ts';
import { followLog } from '../event-stream.ts';
import type { StreamedEvent } from '../event-stream.ts';
import { CommandFault, EXIT } from '../failure.ts';
import { interruption } from '../interrupt.ts';

export default class Listen extends HubCommand {
  static override description =
    "Bring the hub's events to a machine under development: each is posted to an address as a signed webhook (Standard Webhooks). With --json, one line for each.";
  static override examples = [
    'tendril listen --forward-to http://localhost:3000/webhooks/tendril',
    'tendril listen --forward-to http://localhost:3000/hooks --events "tendril.run.ended,Order Completed"',
  ];
  static override flags = {
    'forward-to': Flags.string({ required: true, description: 'where to post each event' }),
    events: Flags.string({ description: 'only these event names, separated by commas' }),
    secret: Flags.string({ description: 'signing secret (whsec_…); a new one is made and printed without it' }),
    limit: Flags.integer({ description: 'end after so many', min: 1 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Listen);
    const target = readTarget(flags['forward-to']);
    const secret = flags.secret ?? `whsec_${randomBytes(24).toString('base64')}`;
    const key = readSecret(secret);
    const names = flags.events?.split(',').map((name) => name.trim());
    const stop = interruption();
    let forwarded = 0;
    await followLog({
      hub: this.hub(flags),
      signal: stop.signal,
      onReady: () => {
        this.say({ forwardTo: target, secret }, `Forwarding to ${target}. Signing secret for this session: ${secret}\nCtrl-C ends it.`);
      },
      // One after another, so that the application sees events in the order of the log.
      onEvent: async (event) => {
        if (names !== undefined && !names.includes(event.name)) return;
        const outcome = await forward(target, key, event);
        this.say(
          { id: event.id, name: event.name, ...outcome },
          `${event.name}  ${outcome.status ?? `not delivered: ${outcome.reason ?? ''}`}`,
        );
        forwarded += 1;
        if (flags.limit !== undefined && forwarded >= flags.limit) stop.abort();
      },
    });
    return undefined;
  }

  private say(json: object, text: string): void {
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(json)}\n`);
    else this.log(text);
  }
}

function readTarget(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new CommandFault(`\`${text}\` is not an address to post to, such as http://localhost:3000/webhooks/tendril.`, EXIT.commandLine);
}

function readSecret(secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length < 16) throw new CommandFault('--secret has to be `whsec_` and at least 16 bytes as base64.', EXIT.commandLine);
  return key;
}

interface Outcome {
  readonly status?: number;
  readonly reason?: string;
}

/** Posts one event. A target that is down loses the event, as the log keeps it. */
async function forward(target: string, key: Buffer, event: StreamedEvent): Promise<Outcome> {
  const body = JSON.stringify({ type: event.name, timestamp: event.receivedAt, data: event });
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', key).update(`${event.id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': event.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
  try {
    const response = await fetch(target, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    return { status: response.status };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** `fetch` says only that it failed; why is said by its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return 'no answer within 10 s';
  const { code } = (error.cause ?? {}) as { code?: string };
  return code ?? error.message;
}
