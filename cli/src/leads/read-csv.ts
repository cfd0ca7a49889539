import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CommandFault, EXIT } from '../failure.ts';

/** How a file is to be read. */
export interface CsvFormat {
  /** A label of the Encoding Standard, such as `utf-8` or `windows-1252`. */
  readonly encoding: string;
  /** Found out from the first lines without it. */
  readonly delimiter?: string;
}

/** A row with its number, counted from 1 without the head. */
export interface CsvRow {
  readonly row: number;
  readonly cells: readonly string[];
  /** How far the file was read for it, in bytes: up to what was buffered. */
  readonly readBytes: number;
}

/** A file that was opened: its columns are known, its rows come as they are asked for. */
export interface CsvFile {
  readonly columns: readonly string[];
  readonly delimiter: string;
  readonly sizeBytes: number;
  rows(): AsyncGenerator<CsvRow, void>;
}

const SNIFFED_BYTES = 65_536;
const MOST_RECORD_CHARACTERS = 1_000_000;
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Opens a CSV file. Quotes, line ends in cells and a byte order mark are understood.
 *
 * @throws CommandFault when it is empty, not of the encoding, or not CSV
 */
export async function openCsv(path: string, { encoding, delimiter }: CsvFormat): Promise<CsvFile> {
  assertEncoding(encoding);
  const entry = await stat(path);
  if (!entry.isFile()) throw new CommandFault(`${path} cannot be used: it is no file.`);
  const sizeBytes = entry.size;
  const begin = await readStart(path);
  assertMark(path, begin, encoding);
  const found = delimiter ?? sniffDelimiter(new TextDecoder(encoding).decode(begin));
  const options = { path, encoding, delimiter: found };
  let head: readonly string[] | undefined;
  for await (const { cells } of readRecords(options)) {
    head = cells;
    break;
  }
  if (head === undefined || head.every((cell) => cell.trim() === ''))
    throw new CommandFault(`${path} has no head: its first line names the columns.`);
  const address = head.find((cell) => ADDRESS.test(cell.trim()));
  if (address !== undefined)
    throw new CommandFault(
      `${path} has no head: its first line holds \`${address.trim()}\`. Put a line with the names of the columns above it.`,
    );
  return {
    columns: nameColumns(head),
    delimiter: found,
    sizeBytes,
    rows: async function* () {
      let row = 0;
      for await (const { cells, readBytes } of readRecords(options)) {
        if (row > 0) yield { row, cells, readBytes };
        row += 1;
      }
    },
  };
}

/** The delimiter by which the first lines have the most columns that agree. */
export function sniffDelimiter(text: string): string {
  const lines = recordsOf(text).slice(0, 20);
  const [first = ''] = lines;
  const scored = DELIMITERS.map((delimiter) => {
    const count = countOutsideQuotes(first, delimiter);
    const agreeing = lines.filter((line) => countOutsideQuotes(line, delimiter) === count).length;
    return { delimiter, score: count === 0 ? 0 : agreeing / lines.length + Math.min(count, 50) / 1_000 };
  });
  const best = scored.toSorted((a, b) => b.score - a.score)[0];
  return best === undefined || best.score === 0 ? ',' : best.delimiter;
}

/** Each column has a name of its own: what is empty or repeated is numbered. */
export function nameColumns(head: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return head.map((cell, place) => {
    const base = cell.trim().slice(0, 280) || `Column ${String(place + 1)}`;
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base} (${String(count)})`;
    taken.add(name);
    return name;
  });
}

async function* readRecords({
  path,
  encoding,
  delimiter,
}: {
  readonly path: string;
  readonly encoding: string;
  readonly delimiter: string;
}): AsyncGenerator<{ readonly cells: readonly string[]; readonly readBytes: number }, void> {
  const source = createReadStream(path, { highWaterMark: 262_144 });
  const decoder = new DecodeText(path, encoding);
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MOST_RECORD_CHARACTERS,
  });
  // `pipe` alone would leave whoever waits for the parser waiting when the file fails.
  source.on('error', (error) => parser.destroy(error));
  decoder.on('error', (error) => parser.destroy(error));
  source.pipe(decoder).pipe(parser);
  try {
    for await (const cells of parser as AsyncIterable<string[]>) yield { cells, readBytes: source.bytesRead };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CommandFault(
      `${path} is no CSV of this format: ${error.message}. The delimiter is \`${delimiter}\`; --delimiter tells another.`,
    );
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** Bytes to text, refusing what is not of the encoding. */
class DecodeText extends Transform {
  readonly #decoder: TextDecoder;
  readonly #path: string;
  readonly #encoding: string;

  constructor(path: string, encoding: string) {
    super({ decodeStrings: true, readableObjectMode: false, encoding: 'utf8' });
    this.#decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    this.#path = path;
    this.#encoding = encoding;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#decode(() => this.#decoder.decode(chunk, { stream: true }), done);
  }

  override _flush(done: TransformCallback): void {
    this.#decode(() => this.#decoder.decode(), done);
  }

  #decode(work: () => string, done: TransformCallback): void {
    try {
      done(null, work());
    } catch {
      done(new CommandFault(`${this.#path} is not ${this.#encoding}. Name its encoding, such as --encoding windows-1252.`));
    }
  }
}

function assertEncoding(encoding: string): void {
  try {
    new TextDecoder(encoding);
  } catch {
    throw new CommandFault(`\`${encoding}\` is no encoding that is known; utf-8, windows-1252 and utf-16le are.`, EXIT.commandLine);
  }
}

/** A text that begins with the mark of UTF-16 is of no other encoding. */
function assertMark(path: string, [first, second]: Uint8Array, encoding: string): void {
  const marked = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  if (marked !== undefined && new TextDecoder(encoding).encoding !== marked)
    throw new CommandFault(`${path} is ${marked}, not ${encoding}: --encoding ${marked} reads it.`);
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(SNIFFED_BYTES);
    const { bytesRead } = await file.read(bytes, 0, SNIFFED_BYTES, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Lines, as far as line ends do not stand in quotes. The last one may be cut off and is left out. */
function recordsOf(text: string): readonly string[] {
  const records: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === '\n' && !isQuoted) {
      records.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return records.length === 0 ? [text] : records;
}

function countOutsideQuotes(line: string, delimiter: string): number {
  let count = 0;
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) count += 1;
  }
  return count;
}
