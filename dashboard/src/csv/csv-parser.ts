const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Takes apart delimited text that comes in pieces, as RFC 4180 has it: cells between quotes may hold delimiters, line ends and
 * doubled quotes. Empty lines are passed over. A quote within a cell that does not begin with one stands for itself.
 */
export class CsvParser {
  readonly #delimiter: number;
  #row: string[] = [];
  #cell = '';
  #isQuoted = false;
  /** The cell began with a quote, which was closed: another quote right behind it is one that was doubled. */
  #isClosed = false;
  #isAfterReturn = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** Rows that are whole now. */
  push(text: string): string[][] {
    const rows: string[][] = [];
    let start = 0;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (this.#isQuoted) {
        if (code !== QUOTE) continue;
        this.#cell += text.slice(start, index);
        this.#isQuoted = false;
        this.#isClosed = true;
        start = index + 1;
        continue;
      }
      const isAfterReturn = this.#isAfterReturn;
      this.#isAfterReturn = false;
      if (code === QUOTE && this.#isClosed && start === index) {
        this.#cell += '"';
        this.#isQuoted = true;
        this.#isClosed = false;
        start = index + 1;
      } else if (code === QUOTE && !this.#isClosed && start === index && this.#cell === '') {
        this.#isQuoted = true;
        start = index + 1;
      } else if (code === this.#delimiter) {
        this.#endCell(text.slice(start, index));
        start = index + 1;
      } else if (code === LINE_FEED && isAfterReturn) {
        start = index + 1;
      } else if (code === LINE_FEED || code === CARRIAGE_RETURN) {
        this.#endRow(text.slice(start, index), rows);
        this.#isAfterReturn = code === CARRIAGE_RETURN;
        start = index + 1;
      }
    }
    this.#cell += text.slice(start);
    return rows;
  }

  /** The last row, where the text does not end with a line end. */
  finish(): string[][] {
    const rows: string[][] = [];
    this.#isQuoted = false;
    this.#endRow('', rows);
    return rows;
  }

  #endCell(rest: string): void {
    this.#row.push(this.#cell + rest);
    this.#cell = '';
    this.#isClosed = false;
  }

  #endRow(rest: string, rows: string[][]): void {
    const isQuotedCell = this.#isClosed;
    this.#endCell(rest);
    if (this.#row.length > 1 || this.#row[0] !== '' || isQuotedCell) rows.push(this.#row);
    this.#row = [];
  }
}
