import assert from 'node:assert/strict';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';

const PIPELINE = `pipeline: welcome
settings: { threshold: { type: number, default: 0.6, title: Threshold } }
trigger: { event: Signup Completed }
steps:
  - if: event.properties.score >= settings.threshold
    then:
      - id: lead
        action: salesforce.upsert_lead
        with: { externalId: "\${{ profile.id }}", email: "\${{ profile.traits.email }}", lastName: "\${{ profile.traits.lastName }}", company: Shop }
    else:
      - id: mail
        action: email.send
        with: { person: "\${{ profile.id }}", subject: "Welcome \${{ profile.traits.firstName }}", text: "Hello \${{ profile.traits.firstName }}" }
`;

interface Step {
  readonly id?: string;
  readonly kind: string;
  readonly action?: string;
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string };
}

interface Run {
  readonly id: string;
  readonly state: string;
  readonly eventId?: string;
  readonly steps: readonly Step[];
}

interface Items<Item> {
  readonly items: readonly Item[];
}

describe('the first run of a hub', function () {
  this.timeout(120_000);
  let hub: RunningHub;
  before(async () => {
    hub = await startHub({ flags: ['--empty'] });
  });
  after(async () => {
    await hub.stop();
    removeDataDir(hub.dataDir);
  });

  /** One call through the public API, as an application would send it. */
  async function call(path: string, body: object): Promise<void> {
    const response = await fetch(`${hub.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${hub.writeKey}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200, await response.text());
  }

  const signUp = (messageId: string, userId: string, score: number): Promise<void> =>
    call('track', { messageId, userId, event: 'Signup Completed', properties: { score } });

  /** The run that an event started, when it has ended. */
  async function runOf(eventId: string): Promise<Run> {
    const { items } = await eventually(
      () => hub.api<Items<Run>>('GET', '/v1/runs?pipeline=welcome&limit=100'),
      (page) => page.items.some((run) => run.eventId === eventId && !['running', 'sleeping'].includes(run.state)),
    );
    return hub.api<Run>('GET', `/v1/runs/${items.find((run) => run.eventId === eventId)?.id ?? ''}`);
  }

  const mails = async (): Promise<readonly { id: string; subject: string }[]> =>
    (await hub.api<Items<{ id: string; subject: string }>>('GET', '/v1/sandbox/mails')).items;
  const leadsAtSalesforce = async (): Promise<number> =>
    (await hub.api<Items<unknown>>('GET', '/v1/sandbox/effects?service=salesforce')).items.length;

  it('takes people in and gives them back as profiles and leads', async () => {
    await call('identify', {
      messageId: 'i-ada',
      userId: 'ada',
      traits: { email: 'Ada@Example.invalid', firstName: 'Ada', lastName: 'Lovelace' },
    });
    await call('track', { messageId: 't-1', userId: 'ada', event: 'Page Read', properties: { page: 'prices' } });
    const { items: events } = await hub.api<Items<{ id: string; name: string }>>('GET', '/v1/events');
    assert.deepEqual(
      events.filter(({ id }) => ['i-ada', 't-1'].includes(id)).map(({ name }) => name),
      ['Page Read', '$identify'],
    );
    const { items: people } = await eventually(
      () => hub.api<Items<{ id: string }>>('GET', '/v1/people?userId=ada'),
      ({ items }) => items.length === 1,
    );
    const person = await eventually(
      () => hub.api<{ traits: { email: string }; timeline: Items<{ name: string }> }>('GET', `/v1/people/${people[0]?.id ?? ''}`),
      ({ timeline }) => timeline.items.length === 2,
    );
    assert.equal(person.traits.email, 'Ada@Example.invalid');
    assert.deepEqual(person.timeline.items.map(({ name }) => name).toSorted(), ['$identify', 'Page Read']);
    const { items: leads } = await eventually(
      () => hub.api<Items<{ person: string; email: string }>>('GET', '/v1/leads'),
      ({ items }) => items.length === 1,
    );
    assert.deepEqual([leads[0]?.person, leads[0]?.email], [people[0]?.id, 'ada@example.invalid']);
  });

  it('runs a pipeline for an event and shows each step', async () => {
    await hub.api('POST', '/v1/pipelines', { source: PIPELINE, file: 'welcome.yaml' });
    await signUp('s-hot', 'ada', 0.9);
    const run = await runOf('s-hot');
    assert.equal(run.state, 'succeeded');
    const step = run.steps.find(({ id }) => id === 'lead');
    assert.equal(step?.state, 'succeeded');
    assert.equal(step.input?.['lastName'], '[personal]');
    const { steps } = await hub.api<{ steps: typeof run.steps }>('GET', `/v1/runs/${run.id}?unmasked=true`);
    assert.equal(steps.find(({ id }) => id === 'lead')?.input?.['lastName'], 'Lovelace');
    assert.ok(step.output?.['id'] !== undefined);
    assert.ok(Date.parse(step.endedAt ?? '') >= Date.parse(step.startedAt));
    assert.equal(await leadsAtSalesforce(), 1);
  });

  it('sends mails that say how to unsubscribe, and nothing to those who did', async () => {
    await signUp('s-mail', 'ada', 0.1);
    assert.equal((await runOf('s-mail')).state, 'succeeded');
    const sent = await mails();
    assert.deepEqual(
      sent.map(({ subject }) => subject),
      ['Welcome Ada'],
    );
    const { headers } = await hub.api<{ headers: Readonly<Record<string, string>> }>('GET', `/v1/sandbox/mails/${sent[0]?.id ?? ''}`);
    const header = (wanted: string): string => Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';
    assert.equal(header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
    const link = /<(http[^>]+)>/.exec(header('list-unsubscribe'))?.[1] ?? '';
    assert.ok(link.startsWith(`${hub.url}/u/`));
    // Looking at the page changes nothing; posting as RFC 8058 says does.
    assert.equal((await fetch(link)).status, 200);
    const gone = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    assert.equal(gone.status, 200);
    await signUp('s-mail-2', 'ada', 0.1);
    const held = await runOf('s-mail-2');
    const step = held.steps.find(({ id }) => id === 'mail');
    assert.equal(step?.error?.code, 'ACTION_HELD_BACK');
    assert.equal((await mails()).length, 1);
  });

  it('lets the next event see a changed setting', async () => {
    await hub.api('PUT', '/v1/pipelines/welcome/settings', { settings: { threshold: 0.05 } });
    await signUp('s-lower', 'ada', 0.1);
    const run = await runOf('s-lower');
    assert.equal(run.steps.find(({ id }) => id === 'lead')?.state, 'succeeded');
  });

  /** What must be the same after a restart. */
  async function everything(): Promise<object> {
    const [events, people, leads, runs, pipelines, sent, salesforce] = await Promise.all([
      hub.api<Items<{ id: string }>>('GET', '/v1/events?limit=100'),
      hub.api<Items<{ id: string }>>('GET', '/v1/people'),
      hub.api<Items<{ id: string }>>('GET', '/v1/leads'),
      hub.api<Items<{ id: string; state: string }>>('GET', '/v1/runs?limit=100'),
      hub.api<Items<{ id: string; settings: object }>>('GET', '/v1/pipelines'),
      mails(),
      leadsAtSalesforce(),
    ]);
    return {
      events: events.items.map(({ id }) => id),
      people: people.items.map(({ id }) => id),
      leads: leads.items.map(({ id }) => id),
      runs: runs.items.map(({ id, state }) => [id, state]),
      pipelines: pipelines.items.map(({ id, settings }) => [id, settings]),
      mails: sent.map(({ id }) => id),
      salesforce,
    };
  }

  /** Everything that was caused has happened. */
  const settled = (): Promise<unknown> =>
    eventually(
      () =>
        Promise.all([hub.api<Items<{ lag: number }>>('GET', '/v1/consumers'), hub.api<Items<unknown>>('GET', '/v1/runs?state=running')]),
      ([consumers, runs]) => consumers.items.every(({ lag }) => lag === 0) && runs.items.length === 0,
    );

  it('is as it was after Ctrl-C and a new start', async () => {
    await settled();
    const before = await everything();
    const { dataDir, writeKey, secretKey } = hub;
    await hub.stop();
    assert.equal(hub.process.exitCode, 0);
    hub = await startHub({ dataDir, flags: ['--empty'] });
    assert.deepEqual([hub.writeKey, hub.secretKey], [writeKey, secretKey]);
    await settled();
    assert.deepEqual(await everything(), before);
  });

  it('does nothing twice after kill -9 in the middle of its work', async () => {
    const { dataDir } = hub;
    const ids = Array.from({ length: 30 }, (_, index) => `k-${index}`);
    const people = ids.map((id) => ({
      type: 'identify',
      messageId: `i-${id}`,
      userId: id,
      traits: { email: `${id}@example.invalid`, firstName: id, lastName: id },
    }));
    const signUps = ids.map((id) => ({ type: 'track', messageId: id, userId: id, event: 'Signup Completed', properties: { score: 0.01 } }));
    await hub.api('PUT', '/v1/pipelines/welcome/settings', { settings: { threshold: 0.05 } });
    assert.equal(await hub.send([...people, ...signUps]), 200);
    await hub.kill();
    hub = await startHub({ dataDir, flags: ['--empty'] });
    const { items: runs } = await eventually(
      () => hub.api<Items<Run>>('GET', '/v1/runs?pipeline=welcome&limit=100'),
      ({ items }) => ids.every((id) => items.some((run) => run.eventId === id && run.state === 'succeeded')),
      60_000,
    );
    assert.equal(runs.filter(({ eventId }) => ids.includes(eventId ?? '')).length, ids.length);
    const subjects = (await mails()).map(({ subject }) => subject);
    assert.deepEqual(
      ids.filter((id) => subjects.filter((subject) => subject === `Welcome ${id}`).length !== 1),
      [],
    );
  });
});
