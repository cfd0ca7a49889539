import assert from 'node:assert/strict';
import type { Call, JsonObject } from '@tendril/plugin-api';
import { FakeIsolation } from './fake-isolation.ts';
import { anyAction, oneAction, RUN, source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

describe('what a plugin gives', () => {
  let fixture: HostFixture | undefined;
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });
  async function answer(output: unknown, action: JsonObject = {}): Promise<unknown> {
    await fixture?.host.stop();
    fixture = await startHost([oneAction(async () => output, {}, action)]);
    return (await fixture.host.runAction('acme', fixture.action('probe.go'), {}, RUN)).output;
  }

  it('is copied, so that nothing of it changes afterwards', async () => {
    const given = { list: [1, { a: 'b' }], gone: undefined, nothing: null };
    const output = await answer(given);
    assert.deepEqual(output, { list: [1, { a: 'b' }], nothing: null });
    assert.notEqual(output, given);
    assert.equal(await answer(undefined), null);
    assert.deepEqual(await answer(Object.assign(Object.create(null) as object, { a: 1 })), { a: 1 });
  });

  it('ends as invalid when it is a circle, a tower, a getter, or no JSON', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    let tower: unknown = 1;
    for (let depth = 0; depth < 5_000; depth += 1) tower = [tower];
    let ran = 0;
    const getter = {
      get trap(): string {
        ran += 1;
        return 'caught';
      },
    };
    const listed = Object.defineProperty([1], 0, { get: () => (ran += 1), enumerable: true });
    const wrong = [
      circle,
      tower,
      getter,
      listed,
      { f: () => 1 },
      { s: Symbol('x') },
      { big: 1n },
      { no: NaN },
      new Map(),
      new Date(),
      { at: new Set() },
    ];
    for (const output of wrong)
      await assert.rejects(answer(output), (error: { code: string; details: JsonObject }) => error.code === 'ACTION_OUTPUT_INVALID');
    assert.equal(ran, 0);
  });

  it('says for an effect that it happened, whatever was said about it', async () => {
    const effect = { effect: 'write', idempotency: 'natural' };
    await assert.rejects(answer({ at: new Date() }, effect), (error: { details: JsonObject }) => {
      assert.deepEqual(error.details['problems'], [{ pointer: '/at', message: 'is no plain object' }]);
      return error.details['effect'] === 'happened';
    });
  });

  it('is bounded, also when few objects stand in it many times', async () => {
    await assert.rejects(answer('x'.repeat(9_000_000)), { code: 'ACTION_OUTPUT_INVALID' });
    let laughs: unknown = 'ha';
    for (let power = 0; power < 30; power += 1) laughs = [laughs, laughs];
    await assert.rejects(answer(laughs), { code: 'ACTION_OUTPUT_INVALID' });
    await assert.rejects(answer({ length: new Array<number>(5_000_000) }), { code: 'ACTION_OUTPUT_INVALID' });
  });

  it('pollutes no prototype', async () => {
    const output = (await answer(JSON.parse('{"a": {"__proto__": {"isAdmin": true}, "b": 1}}'))) as { a: object };
    assert.deepEqual(Object.getOwnPropertyNames(output.a), ['b']);
    assert.equal('isAdmin' in Object.assign({}, output.a), false);
    assert.deepEqual(await answer(JSON.parse('{"constructor": {"prototype": {"isAdmin": true}}}')), {
      constructor: { prototype: { isAdmin: true } },
    });
    assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
  });

  it('is no answer of a check unless it is one of the three', async () => {
    const go = anyAction({ effect: 'write', idempotency: 'check' });
    for (const wrong of [
      { effect: 'perhaps' },
      null,
      'happened',
      {
        get effect() {
          return 'absent';
        },
      },
    ]) {
      await fixture?.host.stop();
      fixture = await startHost([
        source({ id: 'probe', contributes: { actions: { go } } }, (host) => {
          host.action('go', async () => null);
          host.check('go', async () => wrong as never);
        }),
      ]);
      await assert.rejects(fixture.host.runCheck('acme', fixture.action('probe.go'), {}, RUN), { code: 'ACTION_OUTPUT_INVALID' });
    }
  });
});

describe('what one handler run may gather', () => {
  let fixture: HostFixture | undefined;
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });
  const manifest = {
    permissions: { storage: ['tables', 'kv'], events: { write: ['*'] } },
    contributes: {
      actions: { go: anyAction() },
      tables: { rows: { key: 'id', schema: { type: 'object', properties: { id: { type: 'string' } } }, indexes: {} } },
    },
  };
  async function run(handler: (call: Call) => unknown): Promise<HostFixture> {
    await fixture?.host.stop();
    fixture = await startHost([oneAction(async (_, call) => ((await handler(call)) ?? null) as never, manifest)]);
    await fixture.host.runAction('acme', fixture.action('probe.go'), {}, RUN);
    return fixture;
  }
  const times = (count: number, work: (at: number) => unknown): void => {
    for (let at = 0; at < count; at += 1) work(at);
  };

  it('is bounded in changes, events, bytes, lines and values', async () => {
    const over: readonly ((call: Call) => unknown)[] = [
      (call) => times(50_001, (at) => call.changes.delete('rows', `r${at}`)),
      (call) => times(10_001, (at) => call.changes.emit({ name: 'Flood', discriminator: String(at) })),
      (call) => times(40, (at) => call.changes.put('rows', { id: `r${at}`, text: 'x'.repeat(1_000_000) })),
      (call) => times(100_001, () => call.log.info({}, 'again')),
      (call) => call.kv.set('big', 'x'.repeat(300_000)),
    ];
    for (const flood of over) await assert.rejects(run(flood), { code: 'PLUGIN_LIMIT_EXCEEDED' });
  });

  it('begins anew with what is committed', async () => {
    await run(async (call) => {
      for (let round = 0; round < 3; round += 1) {
        times(20_000, (at) => call.changes.delete('rows', `r${at}`));
        await call.changes.flush();
      }
    });
  });

  it('says once that lines are dropped, and writes none that are endless', async () => {
    const { log } = await run((call) =>
      times(2_000, () => call.log.info({ big: 1n, deep: { list: new Array(1_000).fill(1) } }, 'x'.repeat(5_000))),
    );
    assert.equal(log.lines.filter(({ fields }) => fields['plugin'] === 'probe').length, 1_001);
    assert.match(log.lines.at(-1)?.message ?? '', /the rest of this run is dropped/);
    assert.ok(log.lines.every(({ message, fields }) => message.length <= 1_000 && JSON.stringify(fields).length < 5_000));
  });

  it('is written as it was when it was put', async () => {
    const row = { id: 'a', text: 'before' };
    const started = await run(async (call) => {
      call.changes.put('rows', row);
      row.text = 'after';
      await call.changes.flush();
    });
    const { state } = await started.tenants.open('acme');
    const spec = started.host.plugin('probe')?.tables.get('rows');
    assert.ok(spec);
    assert.equal((await state.get(spec, ['a']))[0]?.value['text'], 'before');
  });

  it('counts as an incident of one that is not trusted, and of no other', async () => {
    const isolation = new FakeIsolation(async ({ call }) => times(50_001, (at) => call.changes.delete('rows', `r${at}`)));
    fixture = await startHost([source({ id: 'probe', ...manifest })], { isolation, incidentBudget: { incidents: 1, windowMs: 1_000 } });
    const go = (): Promise<unknown> =>
      (fixture as HostFixture).host.runAction('acme', (fixture as HostFixture).action('probe.go'), {}, RUN);
    await assert.rejects(go(), { code: 'PLUGIN_LIMIT_EXCEEDED' });
    while ((await fixture.host.tenantPlugins('acme').list())[0]?.health.state !== 'stopped')
      await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(go(), { code: 'PLUGIN_STOPPED' });
  });
});
