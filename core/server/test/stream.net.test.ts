import assert from 'node:assert/strict';
import { fakeEvent, fakeRun, KEYS } from './fake-hub.ts';
import { serve } from './served.ts';

interface Message {
  readonly event: string;
  readonly data: {
    readonly count?: number;
    readonly items?: readonly { readonly id: string; readonly startedAt?: string }[];
    readonly topics?: readonly string[];
  };
}

/** Reads a stream of server-sent events until enough messages came. */
class Reader {
  readonly #body: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  constructor(response: Response) {
    assert.ok(response.body !== null);
    this.#body = response.body.getReader();
  }

  async next(): Promise<Message | undefined> {
    for (;;) {
      const [, event, data, rest] = /event: (\w+)\ndata: (.*)\n\n([^]*)$/.exec(this.#first()) ?? [];
      if (event !== undefined && data !== undefined) {
        this.#text = this.#text.slice(this.#first().length) + (rest ?? '');
        return { event, data: JSON.parse(data) as Message['data'] };
      }
      const { done, value } = await this.#body.read();
      if (done) return undefined;
      this.#text += new TextDecoder().decode(value);
    }
  }

  stop(): Promise<void> {
    return this.#body.cancel();
  }

  #first(): string {
    const end = this.#text.indexOf('\n\n');
    return end === -1 ? '' : this.#text.slice(0, end + 2);
  }
}

describe('the stream', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  const open = (key: string | null = KEYS.reader): Promise<Response> =>
    fetch(`${served.url}/v1/stream`, key === null ? {} : { headers: { authorization: `Bearer ${key}` } });

  it('needs a key or session', async () => {
    assert.equal((await open(null)).status, 401);
    assert.equal((await open(KEYS.write)).status, 403);
  });

  it('ends when its key is revoked, without another word', async () => {
    const reader = new Reader(await open());
    assert.equal((await reader.next())?.event, 'hello');
    served.hub.revoke(KEYS.reader);
    served.hub.emitEvent(fakeEvent(1));
    assert.equal(await reader.next(), undefined);
  });

  it('ends when its session is closed, and goes on for another', async () => {
    const cookies = await Promise.all(
      [1, 2].map(async () => {
        const { headers } = await served.ask('GET', `/open?token=${served.server.createLoginToken()}`, { key: null });
        return headers.get('set-cookie')?.split(';')[0] ?? '';
      }),
    );
    const [closed, kept] = await Promise.all(
      cookies.map(async (cookie) => new Reader(await fetch(`${served.url}/v1/stream`, { headers: { cookie } }))),
    );
    for (const reader of [closed, kept]) assert.equal((await reader?.next())?.event, 'hello');
    await served.ask('DELETE', '/v1/session', { key: null, headers: { cookie: cookies[0] ?? '', 'x-tendril-csrf': '1' } });
    served.hub.emitEvent(fakeEvent(1));
    assert.equal(await closed?.next(), undefined);
    assert.equal((await kept?.next())?.event, 'events');
    await kept?.stop();
  });

  it('tells of events, runs and changes, counting all and keeping the newest', async () => {
    const reader = new Reader(await open());
    assert.equal((await reader.next())?.event, 'hello');
    for (let position = 1; position <= 1_000; position += 1) served.hub.emitEvent(fakeEvent(position));
    for (let turn = 0; turn < 5; turn += 1) served.hub.emitRun(fakeRun('run-1'));
    await served.ask('POST', '/v1/governor/pause');
    const messages = [await reader.next(), await reader.next()];
    const [events, runs] = messages;
    assert.equal(events?.event, 'events');
    assert.deepEqual([events.data.count, events.data.items?.length, events.data.items?.[0]?.id], [1_000, 20, 'm-1000']);
    assert.equal(runs?.event, 'runs');
    assert.deepEqual([runs.data.count, runs.data.items?.length, runs.data.items?.[0]?.startedAt], [5, 1, '2026-11-01T10:00:00.000Z']);
    assert.deepEqual((await reader.next())?.data.topics, ['governor']);
    assert.equal((await reader.next())?.event, 'overview');
    await reader.stop();
  });

  it('tells that approvals and broadcasts move when their runs do', async () => {
    const reader = new Reader(await open());
    await reader.next();
    served.hub.emitRun({ ...fakeRun('run-1'), state: 'needs_approval' });
    served.hub.emitRun({ ...fakeRun('run-2'), broadcastId: 'bc-1' });
    assert.equal((await reader.next())?.event, 'runs');
    assert.deepEqual((await reader.next())?.data.topics, ['approvals', 'broadcasts']);
    // Decided, or too late: it waits no more.
    served.hub.emitRun({ ...fakeRun('run-1'), state: 'running' });
    let message = await reader.next();
    while (message?.event !== 'changed') message = await reader.next();
    assert.deepEqual(message.data.topics, ['approvals']);
    await reader.stop();
  });

  it('bounds how many are open', async () => {
    const strict = await serve({ limits: { streamsPerTenant: 1 } });
    const first = await fetch(`${strict.url}/v1/stream`, { headers: { authorization: `Bearer ${KEYS.reader}` } });
    assert.equal((await strict.ask('GET', '/v1/stream')).status, 429);
    await first.body?.cancel();
    await strict.close();
  });

  it('ends when the server drains', async () => {
    const reader = new Reader(await open());
    await reader.next();
    served.server.drain();
    assert.equal(await reader.next(), undefined);
  });
});

describe('stopping', () => {
  it('refuses new work with 503, finishes open work, and is not ready', async () => {
    const served = await serve();
    const { promise, resolve } = Promise.withResolvers<void>();
    served.hub.gate = promise;
    const arrived = new Promise<void>((tell) => (served.hub.onGate = tell));
    const open = served.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u' } });
    await arrived;
    served.server.drain();
    const refused = await served.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u' } });
    assert.deepEqual([refused.status, refused.json['code'], refused.headers.get('retry-after')], [503, 'HUB_STOPPING', '5']);
    assert.equal((await served.ask('GET', '/readyz')).status, 503);
    const closed = served.close();
    resolve();
    assert.equal((await open).status, 200);
    await closed;
    await assert.rejects(fetch(`${served.url}/healthz`));
  });

  it('says so when the address is taken or the secret too short', async () => {
    const served = await serve();
    const { port } = new URL(served.url);
    await assert.rejects(served.server.listen(Number(port), '127.0.0.1'), { code: 'CONFIG_INVALID' });
    await served.close();
    await assert.rejects(serve({ sessionSecret: 'short' }), { code: 'CONFIG_INVALID' });
  });

  it('cuts what does not end in time', async () => {
    const served = await serve();
    served.hub.gate = new Promise(() => undefined);
    const arrived = new Promise<void>((tell) => (served.hub.onGate = tell));
    const open = served.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u' } });
    await arrived;
    const failed = assert.rejects(open);
    await served.close();
    await failed;
  });
});
