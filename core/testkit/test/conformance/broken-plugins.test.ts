import assert from 'node:assert/strict';
import { assertFinds, assertPasses, resultsOf } from './results.ts';
import { pluginFolder, RECORDING, removePluginFolders, SOUND } from './plugin-folder.ts';
import type { PluginParts } from './plugin-folder.ts';

const FAULTS = 'faults/create/happy';
const [EXCHANGE] = RECORDING.exchanges;

/** The sound handler with one of its lines replaced. */
function changed(from: string, to: string): PluginParts {
  if (!SOUND.includes(from)) throw new Error(`the sound handler has no ${from}`);
  return { create: SOUND.replace(from, to) };
}

const careless = changed('await throwIfNotOk(response);', '');
const blunt = changed('await throwIfNotOk(response);', `if (!response.ok) throw new Error('http ' + response.status);`);
const refusing = changed(
  'await throwIfNotOk(response);',
  `if (!response.ok) throw new TendrilError('UPSTREAM_REJECTED', { status: response.status });`,
);
const waiting = changed(
  'await throwIfNotOk(response);',
  `if (!response.ok) throw new TendrilError('UPSTREAM_UNAVAILABLE', { status: response.status });`,
);
const trusting = changed('await jsonOf(response)', 'await response.json()');
const retrying: PluginParts = {
  create: `
    for (let attempt = 1; ; attempt += 1) {
      try {
        ${SOUND}
      } catch (error) {
        if (attempt === 3 || error.code !== 'UPSTREAM_UNAVAILABLE') throw error;
      }
    }`,
};
const CHECK = {
  exchanges: [
    {
      request: { method: 'GET', url: 'https://api.acme.example/contacts?email=ada%40example.invalid' },
      response: { status: 200, body: [{ id: 'c-1' }] },
    },
  ],
  effect: 'happened',
};
const FIND = `const found = await call.fetch('https://api.acme.example/contacts?email=' + encodeURIComponent(input.email)); await throwIfNotOk(found); const [first] = await jsonOf(found);`;
const checking = (check: string, recording: object = { check: CHECK }): PluginParts => ({
  action: { idempotency: 'check' },
  setup: `host.check('create', async (input, call) => { ${check} });`,
  recording: { ...recording },
});

describe('a broken plugin', function () {
  this.timeout(60_000);
  afterEach(removePluginFolders);

  const broken: readonly (readonly [string, string, PluginParts, RegExp])[] = [
    ['takes 429 for any refusal', `${FAULTS}/throttled-seconds`, refusing, /UPSTREAM_REJECTED .* has to be UPSTREAM_THROTTLED/],
    [
      'hides how long it has to wait',
      `${FAULTS}/throttled-date`,
      changed(
        'await throwIfNotOk(response);',
        `if (response.status === 429) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 1 });`,
      ),
      /retryAfterMs has to be about 7000 and is 1/,
    ],
    [
      'declares a header that it does not wait for',
      `${FAULTS}/throttled-x-reset`,
      {
        action: { retryAfterHeaders: ['X-Reset'] },
        ...changed(
          'await throwIfNotOk(response);',
          `if (response.status === 429) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 1 });`,
        ),
      },
      /retryAfterMs/,
    ],
    ['throws what is not of the catalogue', `${FAULTS}/status-500`, blunt, /fails with PLUGIN_FAULTY .* remedy has to be retry/],
    ['goes on after 502', `${FAULTS}/status-502`, careless, /answers 502, the call (gives an output|fails with ACTION_OUTPUT_INVALID)/],
    ['takes 503 for a refusal', `${FAULTS}/status-503`, refusing, /remedy has to be retry/],
    ['takes 401 for a refusal', `${FAULTS}/status-401`, refusing, /has to be UPSTREAM_UNAUTHORIZED/],
    ['takes 400 for a moment of weakness', `${FAULTS}/status-400`, waiting, /remedy has to be fix-input/],
    [
      'takes a cut connection for a success',
      `${FAULTS}/connection-cut`,
      { create: `try { ${SOUND} } catch { return { id: 'c-1' }; }` },
      /cuts the connection, the call gives an output/,
    ],
    [
      'takes silence for a refusal',
      `${FAULTS}/connection-cut`,
      { create: `try { ${SOUND} } catch { throw new TendrilError('UPSTREAM_REJECTED', {}); }` },
      /remedy has to be retry/,
    ],
    [
      'gives up by itself before it is stopped',
      `${FAULTS}/silence`,
      changed('signal: call.signal', 'signal: AbortSignal.timeout(20)'),
      /does not answer, the call fails with PLUGIN_FAULTY/,
    ],
    [
      'retries what may not be repeated',
      `${FAULTS}/connection-cut`,
      { ...retrying, action: { idempotency: 'none' } },
      /was made 3 times by one attempt/,
    ],
    ['does not bear JSON that is cut off', `${FAULTS}/body-cut`, trusting, /JSON that is cut off, the call fails with PLUGIN_FAULTY/],
    ["does not bear a proxy's page", `${FAULTS}/body-html`, trusting, /proxy's page .* fails with PLUGIN_FAULTY/],
    ['retries by itself', `${FAULTS}/status-503`, retrying, /was made 3 times by one attempt/],
    [
      'sends no key',
      'duplicates/create/happy',
      changed("'idempotency-key': call.idempotencyKey", "'x-version': '1'"),
      /says `key`, but nothing/,
    ],
    [
      'sends another key in each attempt',
      'duplicates/create/happy',
      changed('call.idempotencyKey', 'call.idempotencyKey + call.attempt'),
      /says `key`, but nothing/,
    ],
    ['sends the same key always', 'duplicates/create/happy', changed('call.idempotencyKey', "'always'"), /says `key`, but nothing/],
    [
      'says natural and asks for something else',
      'duplicates/create/happy',
      { action: { idempotency: 'natural' }, ...changed('{ email: input.email }', '{ email: input.email, attempt: call.idempotencyKey }') },
      /says `natural`, but .* \/body\/attempt/,
    ],
    ['has no recording of its check', 'duplicates/create/happy', checking(`return { effect: 'unknown' };`, {}), /\/check is missing/],
    [
      'says absent of what happened',
      'duplicates/create/happy',
      checking(`${FIND} return { effect: 'absent' };`),
      /answers `absent` and has to answer `happened`/,
    ],
    [
      'gives another output when it checks',
      'duplicates/create/happy',
      checking(`${FIND} return { effect: 'happened', output: { id: 'c-9' } };`),
      /another output .* "c-9"/,
    ],
    [
      'has the effect again when it checks',
      'duplicates/create/happy',
      checking(
        `${FIND} ${SOUND.replace('const { id } = await jsonOf(response);\n  return { id };', '')} return { effect: 'happened', output: first };`,
      ),
      /makes POST .* which is the effect itself/,
    ],
    [
      'says absent in the dark',
      'duplicates/create/happy',
      checking(`try { ${FIND} return { effect: 'happened', output: first }; } catch { return { effect: 'absent' }; }`),
      /`absent` while the service answers 503/,
    ],
    [
      'works on when it is stopped',
      'abort/create/happy',
      { create: `try { ${SOUND} } catch (error) { await new Promise((resolve) => setTimeout(resolve, 5_000).unref()); throw error; }` },
      /still works/,
    ],
    [
      'reaches for another host in secret',
      'egress',
      { create: `await call.fetch('https://evil.example/').catch(() => undefined); ${SOUND}` },
      /tries to reach evil.example/,
    ],
    [
      'reaches for another host by the global fetch',
      'egress',
      { create: `await fetch('https://evil.example/').catch(() => undefined); ${SOUND}` },
      /tries to reach evil.example/,
    ],
    [
      'keeps the credentials of the first caller',
      'tenants/create/happy',
      changed(
        "'idempotency-key': call.idempotencyKey",
        "'idempotency-key': call.idempotencyKey, authorization: (globalThis.kept ??= 'Bearer ' + call.connection.values.apiKey)",
      ),
      /carry the credentials/,
    ],
  ];
  for (const [name, id, parts, says] of broken) it(`that ${name} fails ${id}`, () => assertFinds(id, parts, says));

  it('passes once it is mended: every fault, a check that finds what happened, an answer that is not needed', async () => {
    await assertPasses('faults', {});
    await assertPasses('duplicates', checking(`${FIND} return { effect: 'happened', output: first };`));
    await assertPasses('abort', {});
    await assertPasses('egress', {});
    await assertPasses('tenants', {});
    const blind = changed('const { id } = await jsonOf(response);\n  return { id };', `return { id: 'c-1' };`);
    await assertPasses('faults/*/body', blind);
  });

  const choices = { title: 'List', description: 'Lists.', effect: 'read', connection: 'account', input: { type: 'object' }, output: true };
  const dynamic = (as: string, output: unknown): PluginParts => ({
    action: { dynamic: { '/email': { action: 'list', as } } },
    setup: `host.action('list', async (_, call) => { const response = await call.fetch('https://api.acme.example/list'); await throwIfNotOk(response); return jsonOf(response); });`,
    files: {
      'test/recordings/list/all.json': {
        action: 'list',
        input: {},
        connection: RECORDING.connection,
        exchanges: [{ request: { method: 'GET', url: 'https://api.acme.example/list' }, response: { status: 200, body: output } }],
        output,
      },
    },
    actions: { list: choices },
  });
  const fields = { schema: { type: 'object', properties: { a: { type: 'string' } } } };
  for (const [as, good, bad, says] of [
    ['choices', { items: [{ value: 1, title: 'One' }] }, { items: [{ value: 1 }] }, /items\/0 has no value or no title/],
    ['choices', { items: [] }, { all: [] }, /items has to be a list/],
    ['fields', fields, { schema: { type: 'string' } }, /has to be the JSON Schema of an object/],
    ['fields', fields, { schema: { type: 'object', properties: { a: { type: 'text' } } } }, /does not compile/],
  ] as const) {
    it(`that gives no ${as} for dynamic fields fails ${says.source}`, async () => {
      await assertFinds('dynamic/create/email', dynamic(as, bad), says);
      await assertPasses('dynamic/create/email', dynamic(as, good));
    });
  }

  it('says of dynamic fields without a recording that they were not checked', async () => {
    const { files: _, ...parts } = dynamic('choices', { items: [] });
    const [result] = await resultsOf(parts, { only: 'dynamic' });
    assert.equal(result?.reason, 'there is no recording of list');
  });

  it('is told of a request whose place in the body is another one each time', async () => {
    const random = changed('{ email: input.email }', '{ email: input.email, nonce: Math.random() }');
    await assertFinds('recordings/create/happy', random, /\/body\/nonce is 0\..* has to be left out/);
    const request = { ...EXCHANGE.request, ignore: ['/body/nonce'] };
    await assertPasses('recordings/create/happy', { ...random, recording: { exchanges: [{ ...EXCHANGE, request }] } });
  });

  it('that breaks what was published before fails compatibility', async () => {
    const previous = pluginFolder({ action: { output: true, input: { type: 'object' } } });
    const says = /input email is required now\n.*input members [^]*json\/version is 0.1.0, which says that nothing breaks/;
    await assertFinds('compatibility', {}, says, { previous });
    const breakingChanges = [{ version: '0.2.0', change: 'The e-mail address is required.', guide: 'Give it.', by: '2027-01-01' }];
    await assertPasses('compatibility', { manifest: { breakingChanges }, packageJson: { version: '0.2.0' } }, { previous });
    await assertPasses('compatibility', {}, { previous: pluginFolder() });
    await assertFinds('compatibility', {}, /is `other`, another plugin than `acme`/, {
      previous: pluginFolder({ manifest: { id: 'other' } }),
    });
    const [result] = await resultsOf({}, { only: 'compatibility' });
    assert.equal(result?.reason, 'no version before was given');
  });

  const following = (handler: string): PluginParts => ({
    permissions: { events: { read: ['Deal Won'], write: ['Deal Counted'] }, storage: ['tables'] },
    contributes: {
      consumers: { count: { title: 'Count', events: ['Deal Won'] } },
      events: { 'Deal Won': { properties: { type: 'object', properties: { amount: { type: 'number' } }, examples: [{ amount: 7 }] } } },
      tables: { deals: { key: 'id', schema: { type: 'object', properties: { id: { type: 'string' }, amount: { type: 'number' } } } } },
    },
    setup: `let seen = 0; host.consumer('count', async (events, call) => { for (const event of events) ${handler} });`,
  });
  const DERIVED = `call.changes.put('deals', { id: event.id, amount: event.properties.amount });`;

  it('that remembers what it saw outside of its changes fails consumers', async () => {
    await assertFinds(
      'consumers/count',
      following(`call.changes.put('deals', { id: 'all', amount: (seen += 1) });`),
      /amount is 2 and has to be 1/,
    );
    await assertFinds('consumers/count', following(`call.changes.put('deals', { id: crypto.randomUUID() });`), /\/id is/);
    await assertFinds(
      'consumers/count',
      following(`if (event.properties.amount === 7) throw new Error('seven');`),
      /could not be made: PLUGIN_FAULTY/,
    );
    await assertPasses('consumers/count', following(DERIVED));
  });

  const receiving = (verify: string, isTrigger: boolean): PluginParts => ({
    permissions: { events: { write: ['Deal Won'] } },
    contributes: {
      webhooks: { in: { title: 'In', verify: 'handler' } },
      ...(isTrigger && { triggers: { told: { title: 'Told', kind: 'push', webhook: 'in', output: { type: 'object' } } } }),
    },
    setup: isTrigger
      ? `host.trigger('told', async (request, call) => { ${verify} return [{}]; });`
      : `host.webhook('in', async (request, call) => { ${verify} return [{ name: 'Deal Won' }]; });`,
  });
  const VERIFY = `if (request.headers['x-signature'] === undefined) throw new TendrilError('WEBHOOK_UNVERIFIED', {});`;

  for (const isTrigger of [true, false]) {
    it(`that believes everybody fails senders, ${isTrigger ? 'of a trigger' : 'of a webhook of its own'}`, async () => {
      await assertFinds('senders/in', receiving('', isTrigger), /takes a delivery without a signature/);
      await assertFinds('senders/in', receiving(`request.headers['x-signature'].trim();`, isTrigger), /fails with PLUGIN_FAULTY/);
      await assertPasses('senders/in', receiving(VERIFY, isTrigger));
    });
  }

  const LISTED = [
    { id: 'c-1', at: '2026-01-01T00:00:00Z' },
    { id: 'c-2', at: '2026-01-02T00:00:00Z' },
  ];
  const polling = (answer: string, body: unknown = LISTED, recording: object = {}): PluginParts => ({
    contributes: {
      triggers: {
        added: { title: 'Added', kind: 'poll', every: '5m', primaryKey: '/id', connection: 'account', output: { type: 'object' } },
      },
    },
    setup: `let polled = 0; host.trigger('added', async (input, call, cursor) => {
      const response = await call.fetch('https://api.acme.example/contacts?since=' + (cursor ?? 'ever'));
      await throwIfNotOk(response);
      const all = await jsonOf(response);
      ${answer}
    });`,
    files: {
      'test/recordings/added/two.json': {
        trigger: 'added',
        input: {},
        connection: RECORDING.connection,
        cursor: 'then',
        exchanges: [{ request: { method: 'GET', url: 'https://api.acme.example/contacts?since=then' }, response: { status: 200, body } }],
        output: body,
        ...recording,
      },
    },
  });
  const GIVE = `return { items: all, cursor: all.at(-1)?.at };`;
  const polls: readonly (readonly [string, PluginParts, RegExp])[] = [
    ['gives other items', polling(`return { items: all.slice(1) };`), /\/output\/0\/id|is missing/],
    ['gives the newest first', polling(GIVE, LISTED.toReversed()), /the newest item comes first, by at/],
    ['gives an item twice', polling(GIVE, [LISTED[0], LISTED[0]]), /output\/1 has the primary key "c-1" of another item/],
    ['gives items without their key', polling(GIVE, [{ at: 'now' }]), /output\/0 has nothing at \/id/],
    ['keeps what it saw to itself', polling(`polled += 1; return { items: polled > 1 ? [] : all };`), /made again gives something else/],
    [
      'forgets its cursor',
      polling(GIVE, LISTED, { cursor: 'later' }),
      /is not in the recording: \/query\/since is "later" and has to be "then"/,
    ],
    ['throws what is not of the catalogue', polling(`throw new Error('no');`), /the poll fails with PLUGIN_FAULTY/],
  ];
  for (const [name, parts, says] of polls) it(`whose poll ${name} fails polls`, () => assertFinds('polls/added/two', parts, says));

  it('whose poll keeps its promises passes', async () => {
    await assertPasses('polls/added/two', polling(GIVE));
    await assertFinds(
      'recordings',
      { ...polling(GIVE, LISTED, { trigger: 'more' }), recording: null },
      /two.json\/trigger the manifest has no trigger more/,
    );
  });

  it('is not checked where what it requires is not there, and says so', async () => {
    const [result] = await resultsOf({ manifest: { requires: { plugins: { other: '^1.0.0' } } } }, { only: 'recordings/create' });
    assert.equal(result?.state, 'skipped');
    assert.match(result.reason ?? '', /what it requires is not here: .*other/);
    const sound = await resultsOf({}, { only: 'recordings/create' });
    assert.equal(sound[0]?.state, 'passed');
  });
});
