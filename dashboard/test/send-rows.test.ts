import assert from 'node:assert/strict';
import { ApiProblem } from '../src/api/api-problem.ts';
import type { RowsAnswer } from '../src/api/customers/imports.ts';
import { checkRows } from '../src/screens/imports/check-rows.ts';
import { sendRows } from '../src/screens/imports/send-rows.ts';

async function* piecesOf(count: number, size: number, cell = 'x'): AsyncGenerator<{ rows: string[][]; readBytes: number }> {
  for (let from = 0; from < count; from += size)
    yield {
      rows: Array.from({ length: Math.min(size, count - from) }, (_, index) => [String(from + index + 1), cell]),
      readBytes: Math.min(from + size, count) * 10,
    };
}

function answer(first: number, rows: number): RowsAnswer {
  return { first, rows, accepted: rows, refused: 0, repeated: 0, refusals: [] };
}

describe('sending the rows of a file', () => {
  function sending(count: number, options: { nextRow?: number; cell?: string; failures?: (ApiProblem | undefined)[] } = {}) {
    const calls: { first: number; rows: readonly (readonly string[])[] }[] = [];
    const waits: number[] = [];
    const reached: number[] = [];
    const abort = new AbortController();
    const run = (): Promise<number> =>
      sendRows({
        pieces: piecesOf(count, 700, options.cell),
        nextRow: options.nextRow ?? 1,
        send: async (first, rows) => {
          const failure = options.failures?.shift();
          if (failure !== undefined) throw failure;
          calls.push({ first, rows });
          return answer(first, rows.length);
        },
        onSent: ({ readBytes }) => void reached.push(Math.round(readBytes)),
        pause: async (ms) => void waits.push(ms),
        signal: abort.signal,
      });
    return { calls, waits, reached, abort, run };
  }

  it('sends at most a thousand at once, each row once and under its number', async () => {
    const { calls, reached, run } = sending(2_500);
    assert.equal(await run(), 2_500);
    // Told as far as it was sent, not as far as it was read: rows have ten bytes here, and the one that did not fit is read.
    assert.deepEqual(reached, [10_010, 20_010, 25_000]);
    assert.deepEqual(
      calls.map(({ first, rows }) => [first, rows.length, rows[0]?.[0]]),
      [
        [1, 1_000, '1'],
        [1_001, 1_000, '1001'],
        [2_001, 500, '2001'],
      ],
    );
  });

  it('sends fewer when cells are long, so that a call stays below a megabyte', async () => {
    const { calls, run } = sending(60, { cell: '日'.repeat(40_000) });
    assert.equal(await run(), 60);
    for (const { rows } of calls) assert.ok(Buffer.byteLength(JSON.stringify(rows)) < 1_000_000);
    assert.equal(
      calls.reduce((sum, { rows }) => sum + rows.length, 0),
      60,
    );
  });

  it('goes on where it was', async () => {
    const { calls, run } = sending(1_800, { nextRow: 1_001 });
    assert.equal(await run(), 1_800);
    assert.deepEqual(
      calls.map(({ first, rows }) => [first, rows[0]?.[0], rows.length]),
      [[1_001, '1001', 800]],
    );
  });

  it('tries again what passes, and gives up what the hub refuses', async () => {
    const passing = new ApiProblem(503, { remedy: 'retry' });
    const first = sending(10, { failures: [passing, passing] });
    await first.run();
    assert.equal(first.calls.length, 1);
    assert.deepEqual(first.waits, [500, 2_000]);
    const refused = sending(10, { failures: [new ApiProblem(422, { remedy: 'fix-input', code: 'INPUT_INVALID' })] });
    await assert.rejects(refused.run(), { code: 'INPUT_INVALID' });
    assert.deepEqual(refused.waits, []);
    const lasting = sending(10, { failures: Array.from({ length: 9 }, () => passing) });
    await assert.rejects(lasting.run(), { status: 503 });
    assert.equal(lasting.waits.length, 5);
  });

  it('has a few calls under way, and when one is refused goes no further', async () => {
    let [underWay, most, calls] = [0, 0, 0];
    const refused = sendRows({
      pieces: piecesOf(50_000, 10_000),
      nextRow: 1,
      send: async (first, rows) => {
        calls += 1;
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        if (first === 4_001) throw new ApiProblem(422, { remedy: 'fix-input', code: 'INPUT_INVALID' });
        return answer(first, rows.length);
      },
      onSent: () => undefined,
      pause: async () => undefined,
      signal: new AbortController().signal,
    });
    await assert.rejects(refused, { code: 'INPUT_INVALID' });
    assert.equal(most, 3);
    assert.equal(underWay, 0);
    assert.ok(calls < 10, `${String(calls)} calls`);
  });

  it('stops when it is told to', async () => {
    const { calls, abort, run } = sending(5_000);
    abort.abort();
    await assert.rejects(run(), { name: 'AbortError' });
    assert.equal(calls.length, 0);
  });
});

describe('checking the first rows of a file', () => {
  const meaning = {
    columns: ['Mail', 'Age', 'Member', 'Since', 'Left out'],
    mapping: { Mail: 'email', Age: 'age', Member: 'member', Since: 'timestamp' },
    types: { Age: 'number', Member: 'boolean' },
  } as const;

  it('names the row, the column and the reason', () => {
    const { good, refusals, repeated } = checkRows(
      [
        ['ada@example.invalid', '36', 'yes', '2026-01-01', '?'],
        ['Ada@example.invalid', '', '', '', ''],
        ['ada', '36', 'yes', '', ''],
        ['', '36', 'yes', '', ''],
        ['b@example.invalid', '3,5', '', '', ''],
        ['c@example.invalid', '1', 'perhaps', '', ''],
        ['d@example.invalid', '1', '', 'soon', ''],
        ['e@example.invalid'],
      ],
      meaning,
    );
    assert.equal(good, 2);
    assert.equal(repeated, 1);
    assert.deepEqual(
      refusals.map(({ row, column, code }) => [row, column, code]),
      [
        [3, 'Mail', 'invalid_email'],
        [4, undefined, 'no_identity'],
        [5, 'Age', 'invalid_number'],
        [6, 'Member', 'invalid_boolean'],
        [7, 'Since', 'invalid_time'],
        [8, undefined, 'cell_count'],
      ],
    );
  });
});
