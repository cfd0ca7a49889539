import assert from 'node:assert/strict';
import type { Call, Changes, JsonObject, KeyValue, Table } from '@tendril/plugin-api';
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

  it('refuses events of the hub itself, whatever is granted', async () => {
    const manifest = { permissions: { events: { write: ['*', 'tendril.plugin.stopped'] } } };
    for (const name of ['tendril.plugin.stopped', 'tendril.anything']) {
      await assert.rejects(
        run(async (_, call) => call.changes.emit({ name }), manifest),
        { code: 'PERMISSION_DENIED' },
      );
      await fixture?.host.stop();
    }
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
