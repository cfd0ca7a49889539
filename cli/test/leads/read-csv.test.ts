import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFault } from '../../src/failure.ts';
import { applyMappingFlags } from '../../src/leads/mapping-flags.ts';
import { nameColumns, openCsv, sniffDelimiter } from '../../src/leads/read-csv.ts';
import type { CsvRow } from '../../src/leads/read-csv.ts';
import { tellsOfRefusals, writeRefusedRows } from '../../src/leads/refused-rows.ts';
import { chunkRows, sendChunks } from '../../src/leads/send-rows.ts';
import type { RowChunk } from '../../src/leads/send-rows.ts';

describe('a CSV file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-csv-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function read(content: string | Uint8Array, encoding = 'utf-8') {
    const path = join(folder, 'file.csv');
    writeFileSync(path, content);
    const file = await openCsv(path, { encoding });
    const rows: CsvRow[] = [];
    for await (const row of file.rows()) rows.push(row);
    return { file, path, rows: rows.map(({ cells }) => cells) };
  }

  it('is read with quotes, line ends in cells, a byte order mark and lines of other lengths', async () => {
    const { file, rows } = await read('\uFEFFmail;note\r\na@x.invalid;"one; ""two""\nthree"\r\n\r\nb@x.invalid\r\n');
    assert.deepEqual([file.columns, file.delimiter], [['mail', 'note'], ';']);
    assert.deepEqual(rows, [['a@x.invalid', 'one; "two"\nthree'], ['b@x.invalid']]);
  });

  it('is read in the encoding that is told, and refused in a wrong one', async () => {
    const latin = Uint8Array.from([...Buffer.from('name\nJ'), 0xfc, ...Buffer.from('rgen\n')]);
    assert.deepEqual((await read(latin, 'windows-1252')).rows, [['Jürgen']]);
    await assert.rejects(read(latin), (error) => error instanceof CommandFault && error.message.includes('--encoding'));
    await assert.rejects(read('a\n1\n', 'klingon'), CommandFault);
    const wide = Buffer.from('\uFEFFname\nJürgen\n', 'utf16le');
    assert.deepEqual((await read(wide, 'utf-16le')).rows, [['Jürgen']]);
    await assert.rejects(read(wide), /--encoding utf-16le/);
  });

  it('is refused where its first line names no columns, and where it is a folder', async () => {
    await assert.rejects(read('ada@x.invalid,Ada\nben@x.invalid,Ben\n'), /first line holds `ada@x\.invalid`/);
    await assert.rejects(openCsv(folder, { encoding: 'utf-8' }), /is no file/);
  });

  it('is known for one of refused rows by its last columns', () => {
    assert.equal(tellsOfRefusals(['email', 'Row', 'Reason']), true);
    assert.equal(tellsOfRefusals(['Row', 'Reason']), false);
    assert.equal(tellsOfRefusals(['email', 'Reason', 'Row']), false);
  });

  it('is refused when it is none', async () => {
    await assert.rejects(read(''), CommandFault);
    await assert.rejects(read('a,b\n"open,1\n2,3\n'), CommandFault);
    await assert.rejects(openCsv(join(folder, 'missing.csv'), { encoding: 'utf-8' }), { code: 'ENOENT' });
  });

  it('finds out what stands between cells', () => {
    assert.deepEqual(['a,b\n1,2\n', 'a;b\n1,5;2\n', 'a\tb\n1\t2\n', '"a;b",c\n"x;y",z\n', 'a\n1\n'].map(sniffDelimiter), [
      ',',
      ';',
      '\t',
      ',',
      ',',
    ]);
  });

  it('names each column apart', () => {
    assert.deepEqual(nameColumns(['Mail', '', 'Mail', ' Mail ']), ['Mail', 'Column 2', 'Mail (2)', 'Mail (3)']);
  });

  it('gives refused rows back as they were, with the reason', async () => {
    const { file } = await read('mail,note\na@x.invalid,1\nnobody,"2, ""x"""\n');
    const target = join(folder, 'refused.csv');
    await writeRefusedRows(target, file, [{ row: 2, column: 'mail', message: 'This is no e-mail address.' }]);
    const refused = await openCsv(target, { encoding: 'utf-8' });
    assert.deepEqual(refused.columns, ['mail', 'note', 'Row', 'Reason']);
    for await (const { cells } of refused.rows()) assert.deepEqual(cells, ['nobody', '2, "x"', '2', 'mail: This is no e-mail address.']);
  });
});

describe('--map', () => {
  const suggested = { mapping: { 'E-Mail': 'email', Mail: 'mail', 'a=b': 'aB' }, types: { 'a=b': 'number' } };
  const columns = ['E-Mail', 'Mail', 'a=b'];

  it('goes over what was suggested', () => {
    assert.deepEqual(applyMappingFlags(suggested, ['Mail=email', 'a=b=count:text'], columns), {
      mapping: { Mail: 'email', 'a=b': 'count' },
      types: {},
    });
    assert.deepEqual(applyMappingFlags(suggested, ['a=b=', 'Mail=size:number'], columns), {
      mapping: { 'E-Mail': 'email', Mail: 'size' },
      types: { Mail: 'number' },
    });
    assert.throws(() => applyMappingFlags(suggested, ['Nothing=x'], columns), CommandFault);
    assert.throws(() => applyMappingFlags(suggested, ['Mail=x:date'], columns), CommandFault);
  });
});

describe('rows on their way to the hub', () => {
  async function* rowsOf(count: number, cell = 'x'): AsyncGenerator<CsvRow, void> {
    for (let row = 1; row <= count; row += 1) yield { row, cells: [cell], readBytes: row };
  }

  async function chunksOf(rows: AsyncIterable<CsvRow>, from = 1): Promise<readonly RowChunk[]> {
    const chunks: RowChunk[] = [];
    for await (const chunk of chunkRows(rows, from)) chunks.push(chunk);
    return chunks;
  }

  it('go in chunks of what one call takes, from the row that is next', async () => {
    assert.deepEqual(
      (await chunksOf(rowsOf(2_500), 501)).map(({ first, rows }) => [first, rows.length]),
      [
        [501, 1_000],
        [1_501, 1_000],
      ],
    );
    const wide = await chunksOf(rowsOf(5, 'x'.repeat(200_000)));
    assert.deepEqual(
      wide.map(({ first }) => first),
      [1, 2, 3, 4, 5],
    );
  });

  it('go again while the hub is only busy, and stop at what it refuses for good', async () => {
    const { TendrilError } = await import('@tendril/plugin-api');
    const sent: number[] = [];
    const waits: number[] = [];
    let isBusy = true;
    const options = (refused: number) => ({
      atOnce: 2,
      wait: async (ms: number) => {
        waits.push(ms);
      },
      onAnswer: () => undefined,
      send: async ({ first, rows }: RowChunk) => {
        if (first === 1 && isBusy) {
          isBusy = false;
          throw new TendrilError('OVERLOADED', { retryAfterSeconds: 2 });
        }
        if (first === refused) throw new TendrilError('INPUT_INVALID');
        sent.push(first);
        return { rows: rows.length, accepted: rows.length, refused: 0, repeated: 0 };
      },
    });
    await sendChunks(chunkRows(rowsOf(3_000), 1), options(0));
    assert.deepEqual(
      sent.toSorted((a, b) => a - b),
      [1, 1_001, 2_001],
    );
    assert.deepEqual(waits, [2_000]);
    await assert.rejects(sendChunks(chunkRows(rowsOf(9_000), 1), options(1_001)), { code: 'INPUT_INVALID' });
    assert.ok(sent.length < 9);
  });

  it('stop where somebody asks, behind what is on its way', async () => {
    const controller = new AbortController();
    const answered: number[] = [];
    await sendChunks(chunkRows(rowsOf(9_000), 1), {
      atOnce: 2,
      signal: controller.signal,
      wait: async () => undefined,
      onAnswer: ({ first }) => answered.push(first),
      send: async ({ first, rows }) => {
        if (first === 1_001) controller.abort();
        return { rows: rows.length, accepted: rows.length, refused: 0, repeated: 0 };
      },
    });
    assert.deepEqual(answered, [1, 1_001]);
  });
});
