/** A refused row as people read it. */
export interface ToldRefusal {
  readonly row: number;
  readonly column?: string;
  readonly code: string;
  readonly message: string;
}

/** Refused rows as CSV (RFC 4180). @param hasHead whether the names of the columns come first */
export function toCsv(items: readonly ToldRefusal[], hasHead: boolean): string {
  const lines = items.map(({ row, column = '', code, message }) => [String(row), column, code, message].map(quote).join(','));
  return [...(hasHead ? ['row,column,code,message'] : []), ...lines].map((line) => `${line}\r\n`).join('');
}

/** Spreadsheets take cells that begin with these for formulas. */
function quote(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
