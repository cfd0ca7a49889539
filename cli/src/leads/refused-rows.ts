import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { CsvFile } from './read-csv.ts';

/** A row that the hub refused. */
export interface RefusedRow {
  readonly row: number;
  readonly column?: string;
  readonly message: string;
}

/** What is told of refused rows behind their own columns. */
export const REFUSAL_COLUMNS = ['Row', 'Reason'] as const;

/** Whether the last columns of a file are those that a file of refused rows has: nothing of the people in it. */
export function tellsOfRefusals(columns: readonly string[]): boolean {
  return columns.length > REFUSAL_COLUMNS.length && columns.slice(-REFUSAL_COLUMNS.length).join('\0') === REFUSAL_COLUMNS.join('\0');
}

/** Writes refused rows as they are in the file, with the reason behind them: mended, the file can be imported again. */
export async function writeRefusedRows(path: string, file: CsvFile, refused: readonly RefusedRow[]): Promise<void> {
  const byRow = new Map(refused.map((refusal) => [refusal.row, refusal]));
  const last = Math.max(...byRow.keys());
  const target = createWriteStream(path, { flags: 'w' });
  await once(target, 'open');
  const write = async (cells: readonly string[]): Promise<void> => {
    if (!target.write(`${cells.map((cell) => quote(cell, file.delimiter)).join(file.delimiter)}\r\n`)) await once(target, 'drain');
  };
  await write([...file.columns, ...REFUSAL_COLUMNS]);
  for await (const { row, cells } of file.rows()) {
    const refusal = byRow.get(row);
    if (refusal !== undefined)
      await write([...cells, String(row), refusal.column === undefined ? refusal.message : `${refusal.column}: ${refusal.message}`]);
    if (row >= last) break;
  }
  target.end();
  await once(target, 'close');
}

function quote(cell: string, delimiter: string): string {
  return cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
