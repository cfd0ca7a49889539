import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { crashEverywhere, inputsOf, onSignup, startRun, TENANT } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';
import type { RunWorld } from './run-world.ts';

const rejected: FakeAction = {
  run: () => {
    throw new TendrilError('UPSTREAM_REJECTED');
  },
};

const step = (n: string): string =>
  `{ id: s${n}, action: crm.do, with: { n: ${n} }, compensate: [{ action: crm.undo, with: { n: ${n} } }] }`;

const TRIP = onSignup(`
  - ${step('1')}
  - if: event.properties.plan == "pro"
    then: [${step('2')}]
  - parallel: { one: [${step('3')}] }
  - id: loop
    forEach: "\${{ [10, 20] }}"
    do:
      - id: booked
        action: crm.do
        with: { n: "\${{ each.item }}" }
        compensate: [{ action: crm.undo, with: { n: "\${{ each.item }}", at: "\${{ each.itemIndex }}", was: "\${{ steps.booked.output.n }}" } }]
  - { id: unpaid, action: crm.do, with: { n: 9 }, if: "false", compensate: [{ action: crm.undo, with: { n: 9 } }] }
  - { action: crm.bad, compensate: [{ action: crm.undo, with: { n: 99 } }] }
`);

const done: FakeAction = { run: ({ input }, effect) => (effect(), { n: input['n'] ?? null }) };
const undone = (world: RunWorld): readonly unknown[] => inputsOf(world, 'crm.undo').map(({ n }) => n);

describe('compensate', () => {
  it('undoes completed steps, the last one first, inside of branches and loops too', async () => {
    const { world, process, runId } = await startRun({ 'crm.do': done, 'crm.undo': {}, 'crm.bad': rejected }, TRIP);
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'failed');
    assert.equal(run.error?.['code'], 'UPSTREAM_REJECTED');
    assert.deepEqual(undone(world), [20, 10, 3, 2, 1]);
    assert.deepEqual(inputsOf(world, 'crm.undo')[0], { n: 20, at: 1, was: 20 });
    assert.equal(run.compensation, 'done');
  });

  it('keeps order and does nothing twice after a death at any line', async function () {
    this.timeout(180_000);
    const died = await crashEverywhere(
      {
        fakes: (world) => ({
          'crm.do': {
            ...done,
            idempotency: 'check',
            check: ({ idempotencyKey, input }) =>
              world.world.effects.includes(idempotencyKey)
                ? { effect: 'happened', output: { n: input['n'] ?? null } }
                : { effect: 'absent' },
          },
          'crm.undo': { idempotency: 'check' },
          'crm.bad': rejected,
        }),
        sources: [TRIP],
        times: 14,
      },
      (run, world, place) => {
        assert.equal(run.state, 'failed', place);
        assert.equal(run.error?.['code'], 'UPSTREAM_REJECTED', place);
        for (const [key, effects] of world.world.effectsByKey()) assert.equal(effects, 1, `${place}: ${key}`);
        assert.equal(world.world.effects.length, 10, place);
        const order = [...new Set(undone(world))];
        assert.deepEqual(order, [20, 10, 3, 2, 1], place);
      },
    );
    assert.ok(died.has('run.before-finish'));
  });

  it('waits and tries again as steps do; one that fails for good does not keep the others from it', async () => {
    let calls = 0;
    const undo: FakeAction = {
      run: ({ input }, effect) => {
        calls += 1;
        if (input['n'] === 2) throw new TendrilError('UPSTREAM_REJECTED');
        if (calls === 1) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 20_000 });
        effect();
        return {};
      },
    };
    const source = onSignup(`
  - ${step('1')}
  - ${step('2')}
  - id: s3
    action: crm.do
    with: { n: 3 }
    compensate: [{ wait: 5s }, { action: crm.undo, with: { n: 3 } }]
  - { action: crm.bad }
`);
    const { world, process, runId } = await startRun({ 'crm.do': done, 'crm.undo': undo, 'crm.bad': rejected }, source);
    const run = await world.settle(process, runId, 60_000);
    assert.equal(run.state, 'failed');
    assert.deepEqual(undone(world), [3, 3, 2, 1]);
    assert.ok((run.endedAt ?? 0) - run.startedAt >= 25_000);
    assert.equal(run.compensation, 'failed');
  });

  it('is done when the time of the run is over and when somebody cancels, not for a stop', async () => {
    const late = await startRun({ 'crm.do': done, 'crm.undo': {} }, onSignup(`  - ${step('1')}\n  - { wait: 1h }\n`, 'timeout: 10s\n'));
    const run = await late.world.settle(late.process, late.runId, 60_000);
    assert.deepEqual([run.state, run.error?.['code'], undone(late.world)], ['failed', 'STEP_TIMEOUT', [1]]);
    const cut = await startRun({ 'crm.do': done, 'crm.undo': {} }, onSignup(`  - ${step('1')}\n  - { wait: 1h }\n`));
    await cut.world.engine.time.advance(1_000);
    await cut.process.pipelines.runs(TENANT).cancel(cut.runId);
    assert.equal((await cut.world.settle(cut.process, cut.runId, 60_000)).state, 'cancelled');
    assert.deepEqual(undone(cut.world), [1]);
    const stopped = await startRun({ 'crm.do': done, 'crm.undo': {} }, onSignup(`  - ${step('1')}\n  - { stop: {} }\n`));
    assert.equal((await stopped.world.settle(stopped.process, stopped.runId)).state, 'stopped');
    assert.deepEqual(undone(stopped.world), []);
  });

  it('undoes what elements of pages have done', async () => {
    const people: FakeAction = {
      effect: 'read',
      run: ({ input }) => (input['cursor'] === undefined ? { items: ['a', 'b'], nextCursor: 'x' } : { items: ['c', 'bad'] }),
    };
    const act: FakeAction = {
      run: ({ input }) => {
        if (input['n'] === 'bad') throw new TendrilError('UPSTREAM_REJECTED');
        return {};
      },
    };
    const { world, process, runId } = await startRun(
      { 'crm.people': people, 'crm.do': act, 'crm.undo': {} },
      onSignup(`
  - forEach: { action: crm.people, items: items }
    do: [{ action: crm.do, with: { n: "\${{ each.item }}" }, compensate: [{ action: crm.undo, with: { n: "\${{ each.item }}" } }] }]
`),
    );
    assert.equal((await world.settle(process, runId)).state, 'failed');
    assert.deepEqual(undone(world), ['c', 'b', 'a']);
  });
});

describe('onError of the pipeline', () => {
  const HANDLED = onSignup(
    `  - ${step('1')}\n  - { action: crm.bad }\n`,
    'onError: [{ action: crm.tell, with: { code: "${{ run.error.code }}" } }, { wait: 5s }, { action: crm.tell }]\n',
  );

  it('is done after the compensations; the run stays failed', async function () {
    this.timeout(120_000);
    await crashEverywhere(
      { fakes: () => ({ 'crm.do': done, 'crm.undo': {}, 'crm.bad': rejected, 'crm.tell': {} }), sources: [HANDLED], withinMs: 60_000 },
      (run, world, place) => {
        assert.equal(run.state, 'failed', place);
        assert.equal(run.error?.['code'], 'UPSTREAM_REJECTED', place);
        assert.deepEqual([...world.world.effectsByKey().values()], [1, 1, 1, 1], place);
        assert.equal(inputsOf(world, 'crm.tell')[0]?.['code'], 'UPSTREAM_REJECTED', place);
      },
    );
  });

  it('that fails itself is noted', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.bad': rejected, 'crm.do': done, 'crm.undo': {}, 'crm.tell': rejected },
      HANDLED,
    );
    const run = await world.settle(process, runId);
    assert.equal(run.error?.['code'], 'UPSTREAM_REJECTED');
    assert.equal(run.onError, 'failed');
  });
});

describe('output of the pipeline', () => {
  it('is what the run gives; one that cannot be computed or is too large fails the run', async () => {
    for (const [output, expected] of [
      ['{ n: "${{ steps.s1.output.n + 1 }}" }', { n: 2 }],
      ['{ n: "${{ event.properties.nothing }}" }', 'EXPRESSION_FAILED'],
      ['{ n: "${{ steps.big.output.text }}" }', 'RUN_OUTPUT_INVALID'],
    ] as const) {
      const big: FakeAction = { run: () => ({ text: 'many words '.repeat(30_000) }) };
      const { world, process, runId } = await startRun(
        { 'crm.do': done, 'crm.undo': {}, 'crm.big': big },
        onSignup(`  - ${step('1')}\n  - { id: big, action: crm.big }\n`, `output: ${output}\n`),
      );
      const run = await world.settle(process, runId);
      if (typeof expected === 'object') assert.deepEqual(run.output, expected);
      else assert.equal(run.error?.['code'], expected);
      assert.equal(undone(world).length, typeof expected === 'object' ? 0 : 1);
    }
  });
});
