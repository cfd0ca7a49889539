import assert from 'node:assert/strict';
import { nameColumns, readRows, readShape } from '../src/csv/csv-file.ts';
import { CsvParser } from '../src/csv/csv-parser.ts';

/** Rows of a text that comes in pieces of `size`. */
function parse(text: string, size: number, delimiter = ','): string[][] {
  const parser = new CsvParser(delimiter);
  const rows: string[][] = [];
  for (let index = 0; index < text.length; index += size) rows.push(...parser.push(text.slice(index, index + size)));
  return [...rows, ...parser.finish()];
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

describe('CSV files', () => {
  it('reads quotes, delimiters and line ends within cells, wherever the pieces are cut', () => {
    const text = 'a,"b ""x"", c","d\r\ne"\r\n"",2,\n\n"","",""\r"last",x"y,5" tall';
    const rows = [
      ['a', 'b "x", c', 'd\r\ne'],
      ['', '2', ''],
      ['', '', ''],
      ['last', 'x"y', '5" tall'],
    ];
    for (let size = 1; size <= text.length; size += 1) assert.deepEqual(parse(text, size), rows, `pieces of ${String(size)}`);
  });

  it('gives back any cells that were written', () => {
    const alphabet = ['"', ',', '\r\n', '\n', 'a', 'ü', ' ', '""'];
    let seed = 7;
    const next = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
    for (let turn = 0; turn < 200; turn += 1) {
      const rows = Array.from({ length: 1 + next(4) }, () =>
        Array.from({ length: 2 }, () => Array.from({ length: next(5) }, () => alphabet[next(alphabet.length)]).join('')),
      );
      const text = rows.map((row) => row.map(quote).join(',')).join('\r\n');
      assert.deepEqual(parse(text, 1 + next(7)), rows, JSON.stringify(text));
    }
  });

  it('passes over empty lines, and takes a file that ends without a line end', () => {
    assert.deepEqual(parse('\n\na,b\n\n\nc,d', 3), [
      ['a', 'b'],
      ['c', 'd'],
    ]);
    assert.deepEqual(parse('', 1), []);
  });

  it('says where a quote is not closed, and takes no more than a cell into memory for it', () => {
    assert.throws(() => parse('a,"open', 2), { code: 'CSV_QUOTE_OPEN', message: /in the head/ });
    assert.throws(() => parse('a\nb\n"c\nd\n', 3), { code: 'CSV_QUOTE_OPEN', message: /in row 2/ });
    const parser = new CsvParser(',');
    parser.push('a\n"');
    const piece = 'x'.repeat(300_000);
    for (let count = 0; count < 3; count += 1) parser.push(piece);
    assert.throws(() => parser.push(piece), { code: 'CSV_QUOTE_OPEN' });
  });

  it('finds the delimiter of a file in which another would leave a quote open', async () => {
    const { delimiter, columns } = await readShape(new Blob(['name;size\nlamp;5,"6 inch\n']));
    assert.deepEqual([delimiter, columns], [';', ['name', 'size']]);
  });

  it('finds delimiter, encoding and columns of a file', async () => {
    const german = Buffer.from('Name;Stadt;;Name\r\nJ\xf6rg;K\xf6ln;1;x\r\n', 'latin1');
    const shape = await readShape(new Blob([german]));
    assert.equal(shape.delimiter, ';');
    assert.equal(shape.encoding, 'windows-1252');
    assert.deepEqual(shape.columns, ['Name', 'Stadt', 'Column 3', 'Name (2)']);
    assert.equal(shape.firstRows[0]?.[0], 'Jörg');
    const marked = await readShape(new Blob(['\ufeffe-mail,name\nada@example.invalid,"Ada, Lady"\n']));
    assert.deepEqual(marked.columns, ['e-mail', 'name']);
    assert.deepEqual(marked.firstRows, [['ada@example.invalid', 'Ada, Lady']]);
  });

  it('reads characters that a piece of the stream cuts through, and holds one piece at a time', async () => {
    const bytes = new TextEncoder().encode(`name,town\n${'ünïcödé,日本語\n'.repeat(500)}`);
    const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
      new ReadableStream({
        start(controller) {
          for (let index = 0; index < bytes.length; index += 7) controller.enqueue(bytes.slice(index, index + 7));
          controller.close();
        },
      });
    let rows = 0;
    for await (const piece of readRows({ stream }, { encoding: 'utf-8', delimiter: ',' })) {
      rows += piece.rows.length;
      assert.ok(piece.rows.length <= 1);
      for (const row of piece.rows) assert.deepEqual(row, ['ünïcödé', '日本語']);
    }
    assert.equal(rows, 500);
  });

  it('tells files of the same length apart by their beginning', async () => {
    const [left, right] = await Promise.all([readShape(new Blob(['a,b\n1,2\n'])), readShape(new Blob(['a,b\n1,3\n']))]);
    assert.notEqual(left.fingerprint, right.fingerprint);
  });

  it('numbers columns without a name and those of the same name', () => {
    assert.deepEqual(nameColumns([' a ', '', 'a', 'a (2)', 'a']), ['a', 'Column 2', 'a (2)', 'a (2) (2)', 'a (3)']);
  });
});
