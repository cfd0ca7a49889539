import { CsvParser } from './csv-parser.ts';

/** How a file is written, found out from its beginning. */
export interface CsvShape {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly delimiter: string;
  /** Names of the columns, each once; those without a name are numbered. */
  readonly columns: readonly string[];
  /** The first rows below the head, at most 1,000. */
  readonly firstRows: readonly (readonly string[])[];
  /** Tells the file apart from others of the same name and size. */
  readonly fingerprint: string;
}

/** Rows of a file as they are read, with how far the reading is. */
export interface CsvPiece {
  readonly rows: readonly (readonly string[])[];
  readonly readBytes: number;
}

const HEAD_BYTES = 1_048_576;
const FIRST_ROWS = 1_000;
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Looks at the beginning of a file, at most a megabyte. @throws ApiProblem CSV_QUOTE_OPEN */
export async function readShape(file: Blob): Promise<CsvShape> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const encoding = findEncoding(head);
  const text = new TextDecoder(encoding).decode(head, { stream: true });
  const isWhole = head.length === file.size;
  const delimiter = findDelimiter(text, isWhole);
  const [names = [], ...rows] = parseHead(text, delimiter, isWhole);
  return { encoding, delimiter, columns: nameColumns(names), firstRows: rows.slice(0, FIRST_ROWS), fingerprint: fingerprintOf(head) };
}

/** Reads the rows below the head piece by piece, holding no more than a piece. @throws ApiProblem CSV_QUOTE_OPEN */
export async function* readRows(
  file: Pick<Blob, 'stream'>,
  { encoding, delimiter }: Pick<CsvShape, 'encoding' | 'delimiter'>,
): AsyncGenerator<CsvPiece> {
  const decoder = new TextDecoder(encoding);
  const parser = new CsvParser(delimiter);
  const reader = file.stream().getReader();
  let readBytes = 0;
  let isHeadPassed = false;
  const below = (rows: string[][]): string[][] => {
    if (isHeadPassed || rows.length === 0) return rows;
    isHeadPassed = true;
    return rows.slice(1);
  };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      readBytes += value.length;
      yield { rows: below(parser.push(decoder.decode(value, { stream: true }))), readBytes };
    }
    yield { rows: below([...parser.push(decoder.decode()), ...parser.finish()]), readBytes };
  } finally {
    await reader.cancel();
  }
}

/** A name for each column: no empty ones, none twice. */
export function nameColumns(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name, index) => {
    const plain = name.trim().slice(0, 280) || `Column ${String(index + 1)}`;
    let unique = plain;
    for (let copy = 2; taken.has(unique); copy += 1) unique = `${plain} (${String(copy)})`;
    taken.add(unique);
    return unique;
  });
}

function findEncoding(head: Uint8Array): CsvShape['encoding'] {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  try {
    // A character that the end of the head cuts through is no fault: `stream` waits for the rest of it.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** The delimiter that gives most rows the width of the first. */
function findDelimiter(text: string, isWhole: boolean): string {
  const sample = text.slice(0, 65_536);
  const rated = DELIMITERS.map((delimiter) => {
    const parser = new CsvParser(delimiter);
    const rows = parser.push(sample);
    // With another delimiter than the file's own, a quote may look as if it were open.
    if (isWhole && sample.length === text.length && !parser.isQuoteOpen) rows.push(...parser.finish());
    const first = rows.slice(0, 50);
    const width = first[0]?.length ?? 0;
    return { delimiter, rating: width < 2 ? 0 : (first.filter((row) => row.length === width).length / first.length) * 1_000 + width };
  });
  return rated.toSorted((left, right) => right.rating - left.rating)[0]?.delimiter ?? ',';
}

function parseHead(text: string, delimiter: string, isWhole: boolean): string[][] {
  const parser = new CsvParser(delimiter);
  const rows = parser.push(text);
  // Of a longer file the last row is not whole.
  return isWhole || rows.length === 0 ? [...rows, ...parser.finish()] : rows;
}

/** FNV-1a, twice: files are told apart, nothing is kept secret. */
function fingerprintOf(bytes: Uint8Array): string {
  let [left, right] = [0x811c9dc5, 0x01000193];
  for (const byte of bytes) {
    left = Math.imul(left ^ byte, 0x01000193);
    right = Math.imul(right ^ byte, 0x811c9dc5);
  }
  return [left, right].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}
