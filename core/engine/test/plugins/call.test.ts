import assert from 'node:assert/strict';
import type { Call, Changes, JsonObject, KeyValue, Table } from '@tendril/plugin-api';
import type { BroughtCalls } from '../../src/plugins/index.ts';
import { FakeIsolation } from './fake-isolation.ts';
import { oneAction, RUN, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const rowSchema = {
  type: 'object',
  required: ['id'],
  additionalProperties: false,
  properties: { id: { type: 'string' }, size: { type: 'integer' } },
};
const withTable = {
  permissions: { storage: ['kv', 'tables'], events: { write: ['Thing Done'], read: ['Order *'] }, actions: ['other.read'] },
  contributes: {
    actions: { go: { title: 'Go', effect: 'write', idempotency: 'natural', input: { type: 'object' }, output: true } },
    tables: { things: { key: 'id', schema: rowSchema, indexes: { by_size: { fields: ['size'] } } } },
  },
};

describe('call', () => {
  let fixture: HostFixture | undefined;
  afterEach(() => fixture?.host.stop());

  async function run(
    handler: (input: JsonObject, call: Call) => Promise<unknown>,
    manifest: JsonObject = withTable,
    overrides: object = {},
  ) {
    fixture = await startHost([oneAction(handler, manifest)]);
    return fixture.host.runAction('acme', fixture.action('probe.go'), {}, { ...RUN, ...overrides });
  }

  it('gathers changes as the store takes them', async () => {
    const { output, changes } = await run(async (_, call) => {
      call.changes.put('things', { id: 'a', size: 1 }, 'absent');
      call.changes.put('things', { id: 'b' }, 3);
      call.changes.delete('things', 'c');
      call.changes.emit({ name: 'Thing Done', identities: { userId: 'u' } });
      return { done: true };
    });
    assert.deepEqual(output, { done: true });
    assert.deepEqual(
      changes.map((change) => [
        change.op,
        'table' in change ? change.table.name : undefined,
        'expect' in change ? change.expect : undefined,
      ]),
      [
        ['put', 'probe.things', 0],
        ['put', 'probe.things', 3],
        ['delete', 'probe.things', undefined],
        ['emit', undefined, undefined],
      ],
    );
  });

  it('gives an emitted event the same message id in each attempt', async () => {
    const emit = async (_: JsonObject, call: Call) => call.changes.emit({ name: 'Thing Done' });
    const ids: string[] = [];
    for (const attempt of [1, 2]) {
      const { changes } = await run(emit, withTable, { attempt });
      await fixture?.host.stop();
      ids.push(...changes.flatMap((change) => (change.op === 'emit' ? [change.event.messageId] : [])));
    }
    assert.equal(ids[0], ids[1]);
    assert.equal(ids.length, 2);
  });

  it('refuses rows that do not match their schema, naming every problem', async () => {
    const refused = run(async (_, call) => call.changes.put('things', { id: 7, size: 'big' }));
    await assert.rejects(
      refused,
      (error: { code: string; details: { problems: readonly { pointer: string }[] } }) =>
        error.code === 'INPUT_INVALID' && error.details.problems.length === 2,
    );
  });

  for (const [what, use] of Object.entries({
    'a table': (call: Call) => call.table('others'),
    'a write to a table': (call: Call) => call.changes.put('others', {}),
    'an event': (call: Call) => call.changes.emit({ name: 'Order Completed' }),
    'an action': (call: Call) => call.actions.call('leads.delete_all', {}),
    'a permit': (call: Call) => call.permit,
  })) {
    it(`refuses ${what} that the manifest does not declare`, async () => {
      await assert.rejects(
        run(async (_, call) => use(call)),
        { code: 'PERMISSION_DENIED' },
      );
    });
  }

  it('refuses events of the hub itself that are not written out, whatever is granted', async () => {
    const manifest = { permissions: { events: { write: ['*', 'tendril.*'] } } };
    for (const name of ['tendril.plugin.stopped', 'tendril.anything']) {
      await assert.rejects(
        run(async (_, call) => call.changes.emit({ name }), manifest),
        { code: 'PERMISSION_DENIED' },
      );
      await fixture?.host.stop();
    }
  });

  it('lets a plugin of the hub report what it writes out, and no other plugin', async () => {
    const manifest = { permissions: { events: { write: ['tendril.segment.entered'] } } };
    const emit = async (_: JsonObject, call: Call) => call.changes.emit({ name: 'tendril.segment.entered' });
    const { changes } = await run(emit, manifest);
    assert.equal(changes.length, 1);
    await fixture?.host.stop();

    const isolation = new FakeIsolation();
    const foreign = { ...oneAction(emit, manifest), isTrusted: false };
    fixture = await startHost([foreign], { isolation });
    assert.equal(fixture.host.plugin('probe')?.mayWrite('tendril.segment.entered'), false);
  });

  it('compiles and evaluates expressions', async () => {
    const environment = {
      roots: ['profile'],
      functions: { did: { parameters: ['text', 'integer'], optional: 1, returns: 'boolean' } },
      returns: 'boolean',
    } as const;
    const { output } = await run(async (_, call) => {
      const expression = call.expressions.compile('did("Order Completed", 3) && profile.traits.plan == "pro"', environment);
      const value = expression.evaluate(
        { profile: { traits: { plan: 'pro' } } },
        { did: (name, times) => name === 'Order Completed' && times === 3 },
      );
      return { calls: expression.calls, reads: expression.reads, value };
    });
    assert.deepEqual(output, {
      calls: [{ name: 'did', arguments: ['Order Completed', 3] }],
      reads: [['profile', 'traits', 'plan']],
      value: true,
    });
  });

  for (const [source, problem] of [
    ['dit("x")', { start: 0, suggestion: 'did' }],
    ['did(profile.name)', { start: 4 }],
    ['"text"', { start: 0 }],
    ['profile.', {}],
    ['1 +', {}],
  ] as const) {
    it(`says what is wrong with ${source}`, async () => {
      const environment = {
        roots: ['profile'],
        functions: { did: { parameters: ['text'], returns: 'boolean' } },
        returns: 'boolean',
      } as const;
      await assert.rejects(
        run(async (_, call) => call.expressions.compile(source, environment)),
        (error: { code: string; details: JsonObject }) => {
          assert.equal(error.code, 'EXPRESSION_INVALID');
          for (const [key, value] of Object.entries(problem)) assert.equal(error.details[key], value);
          return typeof error.details['problem'] === 'string';
        },
      );
    });
  }

  for (const [why, did] of [
    ['more that may be left out than there is', { parameters: ['text'], optional: 2, returns: 'boolean' }],
    ['so many that nobody gets to an end', { parameters: ['text'], optional: 1e9, returns: 'boolean' }],
    ['a part of one that may be left out', { parameters: ['text', 'text'], optional: 0.5, returns: 'boolean' }],
    ['too many kinds of a call', { parameters: new Array<'number'>(10).fill('number'), optional: 10, returns: 'boolean' }],
  ] as const) {
    it(`refuses functions with ${why}`, async () => {
      await assert.rejects(
        run(async (_, call) => call.expressions.compile('true', { roots: [], functions: { did } })),
        { code: 'INPUT_INVALID' },
      );
    });
  }

  it('keeps no more compiled expressions than fit, however long they are', async () => {
    const { output } = await run(async (_, call) => {
      const environment = { roots: [] };
      const long = (n: number): string => `'${'x'.repeat(4_000)}${String(n)}'`;
      const first = call.expressions.compile(long(0), environment);
      const isSame = (): boolean => call.expressions.compile(long(0), environment) === first;
      const before = isSame();
      for (let n = 1; n <= 600; n += 1) call.expressions.compile(long(n), environment);
      return [before, isSame()];
    });
    assert.deepEqual(output, [true, false]);
  });

  it('tells a missing field from another failure', async () => {
    const { output } = await run(async (_, call) => {
      const expression = call.expressions.compile('profile.age > 3', { roots: ['profile'], returns: 'boolean' });
      const failure = (profile: object): unknown => {
        try {
          return expression.evaluate({ profile });
        } catch (error) {
          return (error as { details: JsonObject }).details['isMissing'] ?? error;
        }
      };
      return [failure({}), failure({ age: 'old' }), failure({ age: 4 })];
    });
    assert.deepEqual(output, [true, false, true]);
  });

  for (const [source, lacking] of [
    ['profile.traits.age > 3', { traits: {} }],
    ['profile.traits.age > 3', { traits: null }],
    ['profile.traits["age"] > 3', { traits: ['age'] }],
    ['profile.traits.age > 3 && profile.traits.plan == "pro"', { traits: { plan: 'pro' } }],
    ['!profile.traits.isPaying', { traits: {} }],
    ['"x" in profile.traits.list && true', { traits: {} }],
    ['seen() && profile.traits.age > 3', { traits: { age: 'old' } }],
    ['"a" + profile.traits.age == "a4"', { traits: { age: 4 } }],
  ] as const) {
    it(`says no to ${source} over ${JSON.stringify(lacking)}, which cannot be evaluated`, async () => {
      const environment = { roots: ['profile'], functions: { seen: { parameters: [], returns: 'boolean' } }, returns: 'boolean' } as const;
      const { output } = await run(async (_, call) => {
        const expression = call.expressions.compile(source, environment);
        const functions = { seen: () => true };
        assert.throws(() => expression.evaluate({ profile: lacking }, functions), { code: 'EXPRESSION_FAILED' });
        return expression.isTrue({ profile: lacking }, functions);
      });
      assert.equal(output, false);
    });
  }

  for (const source of [
    '!has(profile.traits.age) && !seen()',
    'profile.traits.age > 3 || profile.traits.plan == "pro"',
    'default(profile.traits.age, 5) > 3',
    'profile.traits.plan == "pro" ? true : profile.traits.age > 3',
    '["pro"].exists(profile, profile == "pro")',
    '!(profile.traits.plan == "free" && profile.traits.age > 3)',
  ]) {
    it(`says yes to ${source}, which does without a field`, async () => {
      const environment = { roots: ['profile'], functions: { seen: { parameters: [], returns: 'boolean' } }, returns: 'boolean' } as const;
      const { output } = await run(async (_, call) =>
        call.expressions.compile(source, environment).isTrue({ profile: { traits: { plan: 'pro' } } }, { seen: () => false }),
      );
      assert.equal(output, true);
    });
  }

  it('tells with which numbers a call is compared, if nothing else is done with it', async () => {
    const count = { parameters: ['text'], returns: 'integer' } as const;
    const { output } = await run(async (_, call) => {
      const comparisonsIn = (source: string): unknown =>
        call.expressions.compile(source, { roots: [], functions: { count } }).calls.map(({ comparisons }) => comparisons ?? null);
      return [
        comparisonsIn('count("a") >= 2 || true'),
        comparisonsIn('-3 < count("a")'),
        comparisonsIn('count("a") == 1.5 && !(count("a") == 2)'),
        comparisonsIn('[1, 2].exists(each, each == 1 && count("a") != 4)'),
        comparisonsIn('count("a") >= 2 || count("a") + 1 > 5'),
        comparisonsIn('count("a") > count("b")'),
        comparisonsIn('[1, 2].exists(each, count("a") > each)'),
        comparisonsIn('count("a") in [1, 2]'),
        comparisonsIn('count("a")'),
      ];
    });
    assert.deepEqual(output, [
      [[{ operator: '>=', number: 2 }]],
      [[{ operator: '>', number: -3 }]],
      [
        [
          { operator: '==', number: 2 },
          { operator: '==', number: 1.5 },
        ],
      ],
      [[{ operator: '!=', number: 4 }]],
      [null],
      [null, null],
      [null],
      [null],
      [null],
    ]);
  });

  it('reads a stretch of the log, of the names that it may read', async () => {
    const { output } = await run(async (_, call) => ({
      head: await call.events.head(),
      stretch: await call.events.read({ after: 0, limit: 10 }),
    }));
    assert.deepEqual(output, { head: 0, stretch: { items: [], position: 0, isEnd: true } });
    await fixture?.host.stop();
    await assert.rejects(
      run(async (_, call) => call.events.read({ limit: 5_000 })),
      { code: 'INPUT_INVALID' },
    );
  });

  it('takes in what a plugin brings, of names that it may write, with ids of its own', async () => {
    const taken: BroughtCalls[] = [];
    const takeIn = async (_tenant: string, batch: BroughtCalls) => {
      taken.push(batch);
      return batch.calls.map((_call, index) => ({ status: 'accepted' as const, messageId: 'm', position: index + 1 }));
    };
    const start = async (handler: (call: Call) => Promise<unknown>, action: JsonObject = { effect: 'write', idempotency: 'natural' }) => {
      await fixture?.host.stop();
      const manifest = { permissions: { events: { write: ['$identify', 'Thing Done'] } } };
      fixture = await startHost([oneAction((_, call) => handler(call), manifest, action)], { takeIn });
      return fixture.host.runAction('acme', fixture.action('probe.go'), {}, { ...RUN, isTest: true });
    };
    const { output } = await start((call) => call.events.ingest([{ type: 'identify', messageId: 'm', userId: 'u' }], { isImport: true }));
    assert.deepEqual(output, [{ status: 'accepted', messageId: 'm', position: 1 }]);
    assert.deepEqual([taken[0]?.plugin, taken[0]?.isTest, taken[0]?.isImport], ['probe', true, true]);
    const other = { type: 'track', event: 'Other', messageId: 'm', userId: 'u' };
    await assert.rejects(
      start((call) => call.events.ingest([other])),
      { code: 'PERMISSION_DENIED' },
    );
    await assert.rejects(
      start((call) => call.events.ingest([{ ...other, event: 'Thing Done', messageId: '' }])),
      { code: 'INPUT_INVALID' },
    );
    await assert.rejects(
      start((call) => call.events.ingest([{ ...other, event: 'Thing Done' }]), {}),
      { code: 'PERMISSION_DENIED' },
    );
    assert.equal(taken.length, 1);
  });

  it('tells which pipelines the events start that the plugin may write, and nothing of others', async () => {
    const asked: unknown[] = [];
    const startedPipelines = async (...about: readonly unknown[]) => {
      asked.push(about);
      return [{ id: 'ask', isPaused: true }];
    };
    const manifest = { permissions: { events: { write: ['Thing Done'] } } };
    const ask = async (name: string, options: object) => {
      await fixture?.host.stop();
      fixture = await startHost([oneAction((_, call) => call.events.pipelinesStartedBy(name), manifest)], options);
      return fixture.host.runAction('acme', fixture.action('probe.go'), {}, RUN);
    };
    assert.deepEqual((await ask('Thing Done', { startedPipelines })).output, [{ id: 'ask', isPaused: true }]);
    assert.deepEqual(asked, [['acme', 'Thing Done', false]]);
    assert.deepEqual((await ask('Thing Done', {})).output, []);
    await assert.rejects(ask('Order Completed', { startedPipelines }), { code: 'PERMISSION_DENIED' });
  });

  it('gives a folder to those who keep files, where the hub has some', async () => {
    const opened = async (permissions: JsonObject, options: object) => {
      await fixture?.host.stop();
      fixture = await startHost([oneAction((_, call) => call.folder(), { permissions })], options);
      return fixture.host.runAction('acme', fixture.action('probe.go'), {}, RUN);
    };
    const openFolder = async (tenant: string, plugin: string) => `files/${tenant}/${plugin}`;
    assert.equal((await opened({ storage: ['blobs'] }, { openFolder })).output, 'files/acme/probe');
    await assert.rejects(opened({ storage: ['kv'] }, { openFolder }), { code: 'PERMISSION_DENIED' });
    await assert.rejects(opened({ storage: ['blobs'] }, {}), { code: 'PERMISSION_DENIED' });
  });

  it('refuses kv, events and tables to a plugin without permissions', async () => {
    const manifest = { permissions: {} };
    for (const use of [(call: Call) => call.kv.get('a'), (call: Call) => call.events.ofPerson(['userId:u'])]) {
      await assert.rejects(
        run(async (_, call) => use(call), manifest),
        { code: 'PERMISSION_DENIED' },
      );
      await fixture?.host.stop();
    }
  });

  it('lets one owner claim a key until the window ends, atomically', async () => {
    const { output } = await run(async (_, { kv }) =>
      Promise.all([kv.claim('k', 'one', 60), kv.claim('k', 'two', 60), kv.claim('k', 'one', 60)]),
    );
    assert.deepEqual(output, [true, false, true]);
    fixture?.clock.advance(60_000);
  });

  it('forgets values after their time', async () => {
    const { output } = await run(async (_, call) => {
      await call.kv.set('a', { n: 1 }, 10);
      await call.kv.set('x'.repeat(300), 2);
      const before = await call.kv.get('a');
      fixture?.clock.advance(10_000);
      return [before, (await call.kv.get('a')) ?? 'gone', await call.kv.get('x'.repeat(300))];
    });
    assert.deepEqual(output, [{ n: 1 }, 'gone', 2]);
  });

  it('dies with its handler, and so does everything that was taken from it', async () => {
    const kept: {
      call?: Call;
      fetch?: Call['fetch'];
      kv?: KeyValue;
      table?: Table;
      changes?: Changes;
      signal?: AbortSignal;
      actions?: Call['actions'];
      events?: Call['events'];
      log?: Call['log'];
    } = {};
    await run(async (_, call) => {
      Object.assign(kept, {
        call,
        fetch: call.fetch,
        kv: call.kv,
        table: call.table('things'),
        changes: call.changes,
        signal: call.signal,
        actions: call.actions,
        events: call.events,
        log: call.log,
      });
      return {};
    });
    const { call } = kept;
    assert.ok(call);
    for (const member of [
      'tenant',
      'isTest',
      'settings',
      'idempotencyKey',
      'attempt',
      'signal',
      'clock',
      'log',
      'kv',
      'changes',
      'connection',
      'fetch',
      'agent',
      'events',
      'actions',
      'permit',
    ] as const) {
      assert.throws(() => call[member], { code: 'CALL_ENDED' }, member);
    }
    assert.throws(() => call.table('things'), { code: 'CALL_ENDED' });
    assert.equal(kept.signal?.aborted, true);
    assert.equal((kept.signal.reason as { readonly code?: string }).code, 'CALL_ENDED');
    await assert.rejects(async () => kept.fetch?.('https://example.com/'), { code: 'CALL_ENDED' });
    await assert.rejects(async () => kept.kv?.get('a'), { code: 'CALL_ENDED' });
    await assert.rejects(async () => kept.table?.get('a'), { code: 'CALL_ENDED' });
    await assert.rejects(async () => kept.actions?.call('other.read', {}), { code: 'CALL_ENDED' });
    await assert.rejects(async () => kept.events?.ofPerson([]), { code: 'CALL_ENDED' });
    assert.throws(() => kept.changes?.emit({ name: 'Thing Done' }), { code: 'CALL_ENDED' });
    assert.throws(() => kept.log?.info({}, 'still here'), { code: 'CALL_ENDED' });
  });

  it('ends a handler that takes too long, aborting its signal', async () => {
    let signal: AbortSignal | undefined;
    const slow = run(
      async (_, call) => {
        signal = call.signal;
        await new Promise((_resolve, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)));
      },
      withTable,
      { timeoutMs: 20 },
    );
    await assert.rejects(slow, { code: 'ACTION_TIMEOUT' });
    assert.equal(signal?.aborted, true);
  });

  it('tells nothing of what a vendor library threw', async () => {
    const failing = run(async () => {
      throw Object.assign(new Error('token sk-123 of jane@example.invalid refused'), {
        config: { headers: { authorization: 'Bearer sk-123' } },
      });
    });
    await assert.rejects(failing, (error: Error & { code: string; details: object; cause: Error }) => {
      const everything = JSON.stringify([error.message, error.details, error.cause.message, error.cause.stack]);
      return error.code === 'PLUGIN_FAULTY' && !everything.includes('sk-123') && !everything.includes('jane');
    });
  });

  it('redacts secrets and personal fields of log lines', async () => {
    await run(
      async (_, call) =>
        call.log.info({ count: 2, email: 'jane@example.invalid', nested: { apiKey: 'k' }, note: 'with hunter2-secret inside' }, 'did it'),
      withTable,
      {
        connection: { name: 'c', kind: 'account', isSandbox: true, values: { password: 'hunter2-secret' } },
      },
    );
    assert.deepEqual(fixture?.log.lines.at(-1)?.fields, {
      count: 2,
      email: '[redacted]',
      nested: { apiKey: '[redacted]' },
      note: '[redacted]',
      plugin: 'probe',
      handler: 'action go',
      tenant: 'acme',
    });
  });
});
