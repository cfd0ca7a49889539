import assert from 'node:assert/strict';
import type { Connection, JsonObject, Permit } from '@tendril/plugin-api';
import { fixtureSource, PLACES, startHarness } from './harness.ts';
import type { Harness } from './harness.ts';

const ACCOUNT: Connection = { name: 'main', kind: 'account', isSandbox: false, values: { key: 'abcdefgh' } };
const FOREIGN: Connection = { name: 'other', kind: 'foreign', isSandbox: true, values: { key: 'abcdefgh' } };
const PERMIT: Permit = {
  id: 'p',
  personId: 'u',
  channel: 'email',
  purpose: 'news',
  address: 'a@b.c',
  unsubscribeUrl: 'https://x.example/u',
};

for (const place of PLACES) {
  describe(`call, ${place}`, function () {
    this.timeout(30_000);
    let harness: Harness;
    before(async () => {
      harness = await startHarness({ place, sources: [fixtureSource('probe')] });
    });
    after(() => harness.stop());

    const output = async (what: string, about: Parameters<Harness['go']>[1] = {}) => (await harness.go(what, about)).output;
    const failure = async (what: string, input: JsonObject = {}): Promise<JsonObject> => {
      const error = await harness.go(what, { input }).then(
        () => assert.fail('did not throw'),
        (thrown: unknown) => thrown as { code: string; details: JsonObject; cause?: Error },
      );
      assert.doesNotMatch(JSON.stringify([error.details, error.cause?.message, error.cause?.stack]), /secret|person@example/);
      return { code: error.code, ...error.details };
    };

    it('tells for whom and what it runs', async () => {
      assert.deepEqual(await output('facts', { isTest: true, attempt: 3, tenantId: 'globex' }), {
        tenant: { id: 'globex', name: 'globex', timeZone: 'Europe/Berlin' },
        isTest: true,
        settings: { greeting: 'hello' },
        idempotencyKey: 'key-1',
        attempt: 3,
        isAborted: false,
        isTime: true,
      });
    });

    it("has the hub's clock", async () => {
      const now = Number(await output('clock'));
      assert.ok(Math.abs(now - harness.clock.now()) < 5_000, String(now));
    });

    it('keeps values by key', async () => {
      assert.deepEqual(await output('kv'), {
        isUndefinedBefore: true,
        read: [{ deep: [1, 'ü', null] }, 'short'],
        isUndefined: true,
        isGone: true,
        claims: [true, false, true],
      });
    });

    it('gathers changes, and refuses wrong ones where they are made', async () => {
      const { output: refusals, changes } = await harness.go('write');
      assert.deepEqual(
        changes.map((change) => [change.op, 'value' in change ? change.value : undefined, 'expect' in change ? change.expect : undefined]),
        [
          ['put', { id: 'a', size: 1 }, 0],
          ['put', { id: 'b', size: 2 }, 3],
          ['delete', undefined, undefined],
          ['emit', undefined, undefined],
        ],
      );
      const seen = refusals as readonly { error: string; details: JsonObject }[];
      assert.deepEqual(
        seen.map(({ error }) => error),
        ['INPUT_INVALID', 'PERMISSION_DENIED', 'PERMISSION_DENIED', 'INPUT_INVALID'],
      );
      assert.deepEqual(seen[1]?.details, { plugin: 'probe', handler: 'action go', table: 'others' });
      assert.deepEqual(seen[3]?.details['event'], 'Thing Done');
    });

    it('flushes, and reads rows, pages and aggregates', async () => {
      const { output: read, changes } = await harness.go('flush');
      assert.equal(changes.length, 1);
      assert.deepEqual(read, {
        first: { key: 'row-1', version: 1, value: { id: 'row-1', size: 1 } },
        isMissing: true,
        one: { key: 'row-2', version: 1, value: { id: 'row-2', size: 2 } },
        isNone: true,
        page: {
          items: [
            { key: 'row-1', version: 1, value: { id: 'row-1', size: 1 } },
            { key: 'row-2', version: 1, value: { id: 'row-2', size: 2 } },
          ],
          nextCursor: (read as { page: { nextCursor: string } }).page.nextCursor,
        },
        aggregate: [{ group: null, count: 5, sum: 10, minimum: 0, maximum: 4 }],
        wrong: (read as { wrong: JsonObject }).wrong,
      });
      assert.equal((read as { wrong: JsonObject }).wrong['error'], 'INPUT_INVALID');
    });

    it('refuses tables that are not declared', async () => {
      assert.deepEqual(await output('table'), {
        error: 'PERMISSION_DENIED',
        details: { plugin: 'probe', handler: 'action go', table: 'others' },
      });
    });

    it('has the connection, and its values where the kind is permitted', async () => {
      assert.deepEqual(await output('connection', { connection: ACCOUNT }), { answer: ACCOUNT });
      assert.deepEqual(await output('connection'), { error: 'CONNECTION_MISSING', details: { plugin: 'probe' } });
      assert.deepEqual(await output('connectionValues', { connection: FOREIGN }), {
        error: 'PERMISSION_DENIED',
        details: { plugin: 'probe', handler: 'action go', connection: 'foreign' },
      });
    });

    it('has a permit only where there is one', async () => {
      assert.deepEqual(await output('permit', { permit: PERMIT }), { answer: PERMIT });
      assert.deepEqual(await output('permit'), {
        error: 'PERMISSION_DENIED',
        details: { plugin: 'probe', handler: 'action go', member: 'permit' },
      });
    });

    it('evaluates expressions, reads the log, and keeps files and foreign names from the plugin', async () => {
      const found = (await output('expressions')) as Record<string, { answer?: unknown; error?: string; details?: JsonObject }>;
      assert.deepEqual(found['evaluated'], { answer: [[{ name: 'did', arguments: ['a'] }], [['profile', 'size']], true] });
      assert.deepEqual([found['unknown']?.error, found['unknown']?.details?.['suggestion']], ['EXPRESSION_INVALID', 'did']);
      assert.deepEqual([found['missing']?.error, found['missing']?.details?.['isMissing']], ['EXPRESSION_FAILED', true]);
      assert.deepEqual(found['stretch'], { answer: { items: [], position: 0, isEnd: true } });
      assert.deepEqual(found['head'], { answer: 0 });
      assert.equal(found['ingest']?.error, 'PERMISSION_DENIED');
      assert.equal(found['started']?.error, 'PERMISSION_DENIED');
      assert.equal(found['folder']?.error, 'PERMISSION_DENIED');
    });

    it('reads events of a person', async () => {
      assert.deepEqual(await output('events'), { answer: { items: [] } });
      const refused = (await output('events', { input: { options: { limit: -1 } } })) as JsonObject;
      assert.equal(refused['error'], 'INPUT_INVALID');
    });

    it('calls permitted actions', async () => {
      assert.deepEqual(await output('actions'), [
        { answer: { called: { a: 1 } } },
        { error: 'PERMISSION_DENIED', details: { plugin: 'probe', handler: 'action go', action: 'other.write' } },
      ]);
    });

    it('asks models', async () => {
      assert.deepEqual(await output('models'), { text: { text: 'generated', model: 'text_generation' }, vectors: [[0], [1]] });
    });

    it('writes redacted lines, at most 1,000', async () => {
      const before = harness.lines.length;
      await harness.go('log', { connection: ACCOUNT });
      const lines = harness.lines.slice(before).filter(({ message }) => ['looked', 'warned', 'again'].includes(message));
      assert.equal(lines.length, 1_000);
      const [first] = lines;
      assert.equal(first?.message, 'looked');
      const { count, email, key, err, plugin, handler, tenant } = first?.fields ?? {};
      assert.deepEqual(
        { count, email, key, err, plugin, handler, tenant },
        {
          count: 1,
          email: '[redacted]',
          key: '[redacted]',
          err: { name: 'Error', code: 'E1' },
          plugin: 'probe',
          handler: 'action go',
          tenant: 'acme',
        },
      );
    });

    it('has errors told in the words of the catalogue', async () => {
      const origin = { plugin: 'probe', handler: 'action go' };
      assert.deepEqual(await failure('throw', { what: 'catalogue' }), {
        code: 'UPSTREAM_REJECTED',
        ...origin,
        status: 418,
        isWithoutEffect: true,
      });
      assert.deepEqual(await failure('throw', { what: 'throttled' }), { code: 'UPSTREAM_THROTTLED', ...origin, retryAfterMs: 1_500 });
      assert.deepEqual(await failure('throw', { what: 'declared' }), {
        code: 'UPSTREAM_REJECTED',
        ...origin,
        pluginCode: 'TEAPOT',
        text: 'It is a teapot.',
      });
      assert.deepEqual(await failure('throw', { what: 'undeclared' }), { code: 'PLUGIN_FAULTY', ...origin, error: 'Error' });
      assert.deepEqual(await failure('throw', { what: 'type' }), { code: 'PLUGIN_FAULTY', ...origin, error: 'TypeError' });
      assert.deepEqual(await failure('throw', { what: 'network' }), { code: 'UPSTREAM_UNAVAILABLE', ...origin, reason: 'ECONNRESET' });
      assert.deepEqual(await failure('throw', { what: 'text' }), { code: 'PLUGIN_FAULTY', ...origin, error: 'string' });
      assert.deepEqual(await failure('throw', { what: 'nothing' }), { code: 'PLUGIN_FAULTY', ...origin, error: 'undefined' });
    });

    it('is over when the handler is', async () => {
      await harness.go('keep', { connection: ACCOUNT });
      const { found, isAborted, reason } = (await output('kept', { input: { url: 'http://good.example/' } })) as {
        found: JsonObject;
        isAborted: boolean;
        reason: string;
      };
      assert.deepEqual([...new Set(Object.values(found))], ['CALL_ENDED'], JSON.stringify(found));
      assert.deepEqual([isAborted, reason], [true, 'CALL_ENDED']);
    });

    it('is aborted when its time is up', async () => {
      await assert.rejects(harness.go('wait', { timeoutMs: 100 }), { code: 'ACTION_TIMEOUT' });
      assert.equal(await output('reason'), 'ACTION_TIMEOUT');
    });

    it('is aborted when the caller gives up', async () => {
      const controller = new AbortController();
      const going = harness.go('wait', { signal: controller.signal });
      setTimeout(() => controller.abort(), 50);
      await assert.rejects(going, { code: 'ACTION_ABORTED' });
      assert.equal(await output('reason'), 'ACTION_ABORTED');
    });

    it('may answer nothing, and anything', async () => {
      assert.equal(await output('nothing'), undefined);
      const input = { text: 'ü\u2028\u0000', numbers: [0, -1.5, 1e300], deep: { a: [{ b: null }] } };
      assert.deepEqual(await output('echo', { input }), { do: 'echo', ...input });
    });

    it('serves several at once', async () => {
      const outputs = await Promise.all(
        Array.from({ length: 200 }, (_, n) => output('echo', { input: { n }, tenantId: n % 2 === 0 ? 'acme' : 'globex' })),
      );
      assert.deepEqual(
        outputs.map((each) => (each as { n: number }).n),
        Array.from({ length: 200 }, (_, n) => n),
      );
    });

    it('runs handlers of every kind', async () => {
      const event = {
        id: 'm1',
        position: 7,
        kind: 'track',
        name: 'Order Done',
        appId: 'a',
        isTest: false,
        occurredAt: 1,
        receivedAt: 1,
        identities: { userId: 'u' },
        properties: {},
        traits: {},
        context: {},
        isImported: false,
        hops: 0,
      } as const;
      const { host } = harness;
      const run: Harness['run'] = (...input) => harness.run(...input);
      const effect = host.action('probe.effect');
      assert.ok(effect !== undefined);
      const how = { isTest: false, idempotencyKey: 'k', attempt: 1 };
      assert.deepEqual((await host.runAction('acme', effect, {}, how)).output, { done: true });
      assert.deepEqual(await host.runCheck('acme', effect, { a: 1 }, how), { effect: 'happened', output: { input: { a: 1 }, key: 'k' } });
      const consumed = await run('probe', (runner, call) => runner.consumer('follow')?.([event], call), {
        handler: 'consumer follow',
        events: [event],
      });
      assert.deepEqual(
        consumed.changes.map((change) => ('value' in change ? change.value : undefined)),
        [{ id: 'm1', size: 7 }],
      );
      const scheduled = await run('probe', (runner, call) => runner.schedule('nightly')?.(call), { handler: 'schedule nightly' });
      assert.equal(scheduled.changes.length, 1);
      const first = await run('probe', (runner, call) => runner.poll('polled')?.({ a: 1 }, call, undefined));
      assert.deepEqual(first.output, { items: [{ id: 'i', input: { a: 1 }, isFirst: true }], cursor: null });
      const next = await run('probe', (runner, call) => runner.poll('polled')?.({}, call, null));
      assert.deepEqual(next.output, { items: [{ id: 'i', input: {}, isFirst: false }], cursor: { at: null } });
      const request = { input: {}, body: { a: 1 }, rawBody: '{"a":1}', headers: { 'x-a': 'b' }, query: {} };
      const pushed = await run('probe', (runner, call) => runner.push('pushed')?.(request, call));
      assert.deepEqual(pushed.output, [{ id: 'p', request, tenant: 'acme' }]);
      const asked = { path: '/orders/{order}', parameters: { order: '7' }, query: {}, input: {}, headers: {}, sender: 'sender-1' };
      assert.deepEqual((await run('probe', (runner, call) => runner.route('orders')?.(asked, call))).output, {
        status: 201,
        headers: { 'x-a': 'b' },
        body: { order: '7' },
      });
      const delivery = { body: 'b', rawBody: 'b', headers: { 'x-signature': 'right' }, query: {} };
      assert.deepEqual((await run('probe', (runner, call) => runner.webhook('told')?.(delivery, call))).output, [
        { name: 'Thing Done', properties: { body: 'b' } },
      ]);
      await assert.rejects(
        run('probe', (runner, call) => runner.webhook('told')?.({ ...delivery, headers: {} }, call)),
        { code: 'WEBHOOK_UNVERIFIED' },
      );
      const observation = { events: [event], hasMore: false, remaining: {} };
      assert.deepEqual((await run('probe', (runner, call) => runner.agent('guide')?.(observation, call))).output, [
        { choice: 'wait', evidence: { seen: 1 } },
      ]);
      const written = await run('probe', (runner, call) => {
        const driver = runner.driver('writer');
        return driver !== undefined && 'generate' in driver ? driver.generate({ prompt: 'p' }, call) : undefined;
      });
      assert.deepEqual(written.output, { text: 'wrote p', model: 'acme' });
      const embedded = await run('probe', (runner, call) => {
        const driver = runner.driver('vectors');
        return driver !== undefined && 'embed' in driver ? driver.embed(['a', 'b'], call) : undefined;
      });
      assert.deepEqual(embedded.output, [
        [1, 0],
        [1, 0],
      ]);
    });

    it('has no handler that is not declared', async () => {
      const runner = harness.host.plugin('probe')?.runner;
      assert.equal(runner?.action('other'), undefined);
      assert.equal(runner?.check('go'), undefined);
      assert.equal(runner?.webhook('hook'), undefined);
    });
  });
}

describe('call, child', function () {
  this.timeout(30_000);

  it('shares nothing between two tenants of one plugin', async () => {
    const harness = await startHarness({ place: 'child', sources: [fixtureSource('probe')] });
    try {
      const counts = [];
      for (const tenantId of ['acme', 'acme', 'globex', 'acme', 'globex']) counts.push((await harness.go('counter', { tenantId })).output);
      assert.deepEqual(counts, [1, 2, 1, 3, 2]);
      assert.deepEqual(harness.incidents, []);
    } finally {
      await harness.stop();
    }
  });
});
