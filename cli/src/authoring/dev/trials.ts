import { randomUUID } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import { readJson } from '../../home.ts';
import type { LocalKeys } from '../../home.ts';
import { fetchHub, readAnswer } from '../../hub-client.ts';
import type { HubClient } from '../../hub-client.ts';
import type { Development } from './development.ts';
import { sampleCalls, sampleEvents } from './samples.ts';
import type { SampleEvent } from './samples.ts';

/** What was tried and what came of it. */
export interface Trial {
  /** For people. */
  readonly says: string;
  readonly event?: string;
  readonly action?: string;
  readonly output?: unknown;
  readonly code?: string;
}

/** Tries a plugin with the samples of its manifest, one after another. */
export function createTrials(development: Development, hub: HubClient, localFile: string): Trials {
  let events = 0;
  let calls = 0;

  async function send({ name, properties }: SampleEvent): Promise<Trial> {
    const writeKey = readJson<LocalKeys>(localFile)?.writeKey;
    if (writeKey === undefined) return { says: `There is no write key in ${localFile} to send events with.`, event: name };
    const { url } = hub.address;
    const messageId = randomUUID();
    const response = await fetchHub(url, '/v1/track', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${writeKey}:`)}` },
      body: JSON.stringify({ messageId, userId: 'sample', event: name, properties, timestamp: new Date().toISOString() }),
    });
    const { errors = [] } = (await readAnswer(url, response, { key: localFile })) as {
      readonly errors?: readonly { readonly isQuarantined: boolean; readonly reason: string }[];
    };
    const fault = errors.find(({ isQuarantined }) => isQuarantined);
    return { says: fault === undefined ? `Sent ${name} as ${messageId}.` : `${name} was set aside: ${fault.reason}`, event: name };
  }

  async function call({ action, title, input, isRead }: ReturnType<typeof sampleCalls>[number], isReal: boolean): Promise<Trial> {
    const isDryRun = !isRead && !isReal;
    const words = `${action} (${title})${isDryRun ? ', effects held back' : ''}`;
    try {
      const body = { input, ...(isDryRun ? { isDryRun } : {}) };
      const { output } = await hub.request<{ readonly output: unknown }>('POST', `/v1/actions/${encodeURIComponent(action)}`, body);
      return { says: `${words}: ${JSON.stringify(output)}`, action, output };
    } catch (error) {
      if (!TendrilError.is(error)) throw error;
      return { says: `${words}: ${error.message} (${error.code}) ${JSON.stringify(error.details)}`, action, code: error.code };
    }
  }

  return {
    send,
    async sendNext() {
      const samples = sampleEvents(development.folder());
      const sample = samples[events++ % Math.max(1, samples.length)];
      return sample === undefined ? { says: 'The manifest describes no event, and follows none by its name.' } : send(sample);
    },
    async callNext({ isReal }) {
      const samples = sampleCalls(development.folder());
      const sample = samples[calls++ % Math.max(1, samples.length)];
      return sample === undefined ? { says: 'No action of the manifest has an example.' } : call(sample, isReal);
    },
  };
}

/** Ways to try a plugin. */
export interface Trials {
  /** Sends an event as an application would. */
  send(event: SampleEvent): Promise<Trial>;
  /** The next of the manifest's events. */
  sendNext(): Promise<Trial>;
  /** The next example of the manifest's actions; what is not `read` is held back unless `isReal`. */
  callNext(options: { readonly isReal: boolean }): Promise<Trial>;
}
