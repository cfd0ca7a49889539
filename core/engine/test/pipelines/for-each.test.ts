import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { readRun } from '../../src/pipelines/runs/run-executor.ts';
import { crashEverywhere, inputsOf, onSignup, startRun, states } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';

const LIST = onSignup(`
  - id: numbers
    set: { list: "\${{ [1, 2, 3, 4, 5] }}" }
  - id: loop
    forEach: "\${{ steps.numbers.output.list }}"
    as: number
    do:
      - { id: one, action: crm.a, with: { n: "\${{ each.number }}", at: "\${{ each.numberIndex }}" } }
      - { id: two, set: { double: "\${{ each.number * 2 }}", was: "\${{ steps.one.state }}" } }
    collect: "\${{ steps.two.output.double }}"
  - { action: crm.b, with: { count: "\${{ steps.loop.output.count }}", all: "\${{ steps.loop.output.collected }}" } }
`);

/** Pages of four, of so many people. */
function people(total: number): FakeAction {
  return {
    effect: 'read',
    run: ({ input }) => {
      const from = Number(input['after'] ?? 0);
      const ids = Array.from({ length: Math.min(4, total - from) }, (_, at) => from + at);
      return { data: { people: ids.map((id) => ({ id })) }, ...(from + 4 < total ? { next: String(from + 4) } : {}) };
    },
  };
}

const PAGES = (more = ''): string =>
  onSignup(`
  - id: loop
    forEach: { action: crm.people, items: data.people, cursor: next, cursorInput: after${more} }
    do:
      - { action: crm.a, with: { id: "\${{ each.item.id }}", at: "\${{ each.itemIndex }}" } }
`);

describe('forEach', () => {
  it('does its steps for each element of a list and collects', async () => {
    const { world, process, runId } = await startRun({ 'crm.a': {}, 'crm.b': {} }, LIST);
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(
      inputsOf(world, 'crm.a'),
      [1, 2, 3, 4, 5].map((n, at) => ({ n, at })),
    );
    assert.deepEqual(inputsOf(world, 'crm.b'), [{ count: 5, all: [2, 4, 6, 8, 10] }]);
    assert.deepEqual(run.steps.find(({ id }) => id === 'loop')?.output, { count: 5, failed: 0, collected: [2, 4, 6, 8, 10] });
  });

  it('repeats nothing after a death at any line', async function () {
    this.timeout(120_000);
    const died = await crashEverywhere(
      { fakes: () => ({ 'crm.a': { idempotency: 'check' }, 'crm.b': {} }), sources: [LIST] },
      (run, world, place) => {
        assert.equal(run.state, 'succeeded', place);
        for (const [key, effects] of world.world.effectsByKey()) assert.equal(effects, 1, `${place}: ${key}`);
        assert.equal(world.world.effects.length, 6, place);
        assert.deepEqual(inputsOf(world, 'crm.b').at(-1), { count: 5, all: [2, 4, 6, 8, 10] }, place);
      },
    );
    assert.ok(died.has('step.after-call') && died.has('step.before-journal') && died.has('run.before-finish'));
  });

  it('keeps the list as it was when it began, also one that is large', async () => {
    let calls = 0;
    const big = 'large value '.repeat(2_000);
    const fakes: Readonly<Record<string, FakeAction>> = {
      'crm.list': {
        effect: 'read',
        run: () => ({ list: [`${String((calls += 1))}${big}`, `b${big}`] }),
      },
      'crm.a': {},
    };
    const { world, process, runId } = await startRun(
      fakes,
      onSignup(`
  - { id: list, action: crm.list }
  - forEach: "\${{ steps.list.output.list }}"
    do: [{ wait: 20s }, { action: crm.a, with: { text: "\${{ each.item }}" } }]
`),
    );
    await world.engine.time.until(async () => (await world.run(process, runId)).state === 'sleeping');
    await process.worker.stop(0);
    const second = await world.boot(fakes);
    const run = await world.settle(second, runId, 100_000);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(
      inputsOf(world, 'crm.a').map(({ text }) => String(text).slice(0, 1)),
      ['1', 'b'],
    );
    assert.equal(calls, 1);
  });

  it('works on so many at a time, sleeping ones counted', async () => {
    let most = 0;
    let now = 0;
    const fakes: Readonly<Record<string, FakeAction>> = {
      'crm.a': {
        run: async (_request, effect) => {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setImmediate(resolve));
          now -= 1;
          effect();
          return {};
        },
      },
    };
    const { world, process, runId } = await startRun(
      fakes,
      onSignup(`
  - forEach: "\${{ [1, 2, 3, 4, 5, 6, 7] }}"
    concurrency: 3
    do: [{ action: crm.a }, { wait: 10s }, { action: crm.a }]
`),
    );
    await world.engine.time.advance(1_000);
    assert.equal(world.world.requests.length, 3);
    await world.engine.time.advance(11_000);
    assert.equal(world.world.requests.length, 9);
    const run = await world.settle(process, runId, 60_000);
    assert.equal(run.state, 'succeeded');
    assert.equal(most, 3);
    assert.equal((run.endedAt ?? 0) - run.startedAt >= 30_000, true);
  });

  it('fails with the first element that fails, or counts them and goes on', async () => {
    const fakes = (): Readonly<Record<string, FakeAction>> => ({
      'crm.a': {
        run: ({ input }) => {
          if (Number(input['n']) % 2 === 0) throw new TendrilError('UPSTREAM_REJECTED');
          return {};
        },
      },
    });
    const steps = (more: string): string =>
      onSignup(`
  - id: loop
    forEach: "\${{ [1, 2, 3, 4, 5] }}"${more}
    collect: "\${{ each.item }}"
    do: [{ action: crm.a, with: { n: "\${{ each.item }}" } }]
`);
    const first = await startRun(fakes(), steps(''));
    const failed = await first.world.settle(first.process, first.runId);
    assert.equal(failed.error?.['code'], 'UPSTREAM_REJECTED');
    assert.equal(first.world.world.requests.length, 2);
    const second = await startRun(fakes(), steps('\n    continueOnError: true'));
    const run = await second.world.settle(second.process, second.runId);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(run.steps[0]?.output, {
      count: 5,
      failed: 2,
      collected: [1, 3, 5],
      failures: [
        { index: 1, code: 'UPSTREAM_REJECTED' },
        { index: 3, code: 'UPSTREAM_REJECTED' },
      ],
    });
  });

  it('refuses what is no list, and a list that is too long; an empty one is done at once', async () => {
    for (const [expression, code] of [
      ['event.properties.plan', 'EXPRESSION_FAILED'],
      ['event.properties.list', 'EXPRESSION_FAILED'],
      ['[]', undefined],
    ] as const) {
      const { world, process, runId } = await startRun({}, onSignup(`  - forEach: "\${{ ${expression} }}"\n    do: [{ set: { a: 1 } }]\n`));
      const run = await world.settle(process, runId);
      assert.equal(run.error?.['code'], code, expression);
    }
  });

  it('goes into loops inside of loops', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.a': {} },
      onSignup(`
  - id: outer
    forEach: "\${{ [1, 2] }}"
    as: row
    do:
      - id: inner
        forEach: "\${{ [10, 20] }}"
        as: column
        concurrency: 2
        do: [{ id: sum, action: crm.a, with: { n: "\${{ each.row + each.column }}" } }, { wait: 5s }]
        collect: "\${{ each.rowIndex * 10 + each.columnIndex }}"
    collect: "\${{ steps.inner.output.collected }}"
`),
    );
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(
      inputsOf(world, 'crm.a').map(({ n }) => n),
      [11, 21, 12, 22],
    );
    assert.deepEqual((run.steps.find(({ path }) => path === '0')?.output as JsonObject)['collected'], [
      [0, 1],
      [10, 11],
    ]);
    assert.equal(states(run)['0.1.0.1.1'], 'succeeded');
  });
});

describe('forEach that is tried again', () => {
  it('does again the elements and pages that failed, and those alone', async () => {
    for (const list of ['"${{ [0, 1, 2, 3] }}"', '{ action: crm.list, items: items }']) {
      const failures = new Map<string, number>();
      const failOnce = (key: string): void => {
        const count = failures.get(key) ?? 0;
        failures.set(key, count + 1);
        if (count === 0) throw new TendrilError('UPSTREAM_REJECTED');
      };
      const fakes: Readonly<Record<string, FakeAction>> = {
        'crm.list': {
          effect: 'read',
          run: () => {
            failOnce('page');
            return { items: [0, 1, 2, 3] };
          },
        },
        'crm.a': {
          run: ({ input }, effect) => {
            if (input['n'] === 2) failOnce('element');
            effect();
            return {};
          },
        },
      };
      const { world, process, runId } = await startRun(
        fakes,
        onSignup(`
  - forEach: ${list}
    do: [{ action: crm.a, with: { n: "\${{ each.item }}" } }]
    retry: { attempts: 4, backoff: fixed, initial: 10s, on: [UPSTREAM_REJECTED] }
`),
      );
      const run = await world.settle(process, runId, 100_000);
      assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
      assert.deepEqual(
        inputsOf(world, 'crm.a').map(({ n }) => n),
        [0, 1, 2, 2, 3],
      );
      assert.equal(world.world.effects.length, 4);
    }
  });
});

describe('forEach over pages', () => {
  it('works off page after page and keeps counts alone', async () => {
    const { world, process, runId } = await startRun({ 'crm.people': people(10), 'crm.a': {} }, PAGES());
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(
      inputsOf(world, 'crm.a'),
      Array.from({ length: 10 }, (_, id) => ({ id, at: id })),
    );
    assert.deepEqual(
      inputsOf(world, 'crm.people').map(({ after }) => after),
      [undefined, '4', '8'],
    );
    assert.deepEqual(
      run.steps.map(({ path, output }) => [path, output]),
      [['0', { count: 10, failed: 0 }]],
    );
  });

  it('stops after `max` elements, and ends for an empty first page', async () => {
    const { world, process, runId } = await startRun({ 'crm.people': people(10), 'crm.a': {} }, PAGES(', max: 6'));
    const run = await world.settle(process, runId);
    assert.deepEqual(run.steps[0]?.output, { count: 6, failed: 0 });
    assert.equal(inputsOf(world, 'crm.people').length, 2);
    const empty = await startRun({ 'crm.people': people(0), 'crm.a': {} }, PAGES());
    assert.deepEqual((await empty.world.settle(empty.process, empty.runId)).steps[0]?.output, { count: 0, failed: 0 });
  });

  it('fails when a page has no list, or its cursor leads nowhere', async () => {
    for (const answer of [{ data: { people: 7 } }, { other: [] }, { data: { people: [] }, next: 'same' }]) {
      const { world, process, runId } = await startRun({ 'crm.people': { effect: 'read', run: () => answer }, 'crm.a': {} }, PAGES());
      const run = await world.settle(process, runId);
      assert.equal(run.error?.['code'], 'ACTION_OUTPUT_INVALID');
    }
  });

  it('repeats nothing after a death at any line, and leaves no rows behind', async function () {
    this.timeout(120_000);
    const died = await crashEverywhere(
      { fakes: () => ({ 'crm.people': people(10), 'crm.a': { idempotency: 'none' } }), sources: [PAGES()], times: 9 },
      async (run, world, place, process) => {
        let last = run;
        while (last.state === 'needs_review') {
          const step = last.steps.find(({ state }) => state === 'needs_review');
          const isDone = world.world.effects.length > Number((step?.input as JsonObject)['id']);
          await process.pipelines.runs('acme').resolve(last.id, isDone ? 'happened' : 'retry', {});
          last = await world.settle(process, last.id);
        }
        assert.equal(last.state, 'succeeded', place);
        assert.equal(world.world.effects.length, 10, place);
        assert.deepEqual(
          last.steps.map(({ path, output }) => [path, output]),
          [['0', { count: 10, failed: 0 }]],
          place,
        );
      },
    );
    assert.ok(died.has('step.after-intent'));
  });

  it('keeps the journal small over many elements, also when they sleep and when some fail', async function () {
    this.timeout(60_000);
    const total = 800;
    let most = 0;
    const fakes: Readonly<Record<string, FakeAction>> = {
      'crm.people': {
        effect: 'read',
        run: ({ input }) => {
          const from = Number(input['after'] ?? 0);
          const list = Array.from({ length: 100 }, (_, at) => ({ id: from + at }));
          return { data: { people: list }, ...(from + 100 < total ? { next: String(from + 100) } : {}) };
        },
      },
      'crm.a': {
        run: ({ input }) => {
          if (Number(input['id']) % 50 === 7) throw new TendrilError('UPSTREAM_REJECTED');
          return {};
        },
      },
    };
    const { world, process, runId } = await startRun(
      fakes,
      PAGES().replace('    do:', '    continueOnError: true\n    concurrency: 20\n    do:\n      - { wait: 1s }'),
    );
    await world.engine.time.until(
      async () => {
        const run = await readRun(world.tenant.state, runId);
        most = Math.max(most, run?.steps.length ?? 0);
        return run?.record.endedAt !== undefined;
      },
      5_000,
      1_000,
    );
    const run = await world.run(process, runId);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    const output = run.steps[0]?.output as { count: number; failed: number; failures: readonly object[] };
    assert.deepEqual([output.count, output.failed, output.failures.length], [800, 16, 16]);
    assert.deepEqual(output.failures[1], { index: 57, code: 'UPSTREAM_REJECTED' });
    assert.ok(most <= 400, String(most));
  });
});
