import type { CellType, ImportMapping, RowRefusal } from '../../api/customers/imports.ts';

/** What the first rows of a file would come to. */
export interface RowCheck {
  readonly rows: number;
  readonly good: number;
  readonly refusals: readonly RowRefusal[];
  /** Rows whose e-mail address stands further up already. */
  readonly repeated: number;
}

const IDENTITIES = new Set(['userId', 'anonymousId', 'email', 'phone']);
const TRUTHS = new Set(['yes', 'no', 'true', 'false', '1', '0', 'y', 'n']);
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Looks at rows as the hub will: roughly, and before anything is sent. */
export function checkRows(rows: readonly (readonly string[])[], meaning: ImportMapping): RowCheck {
  const refusals: RowRefusal[] = [];
  const seen = new Set<string>();
  let repeated = 0;
  const emailColumn = meaning.columns.findIndex((column) => meaning.mapping[column] === 'email');
  for (const [index, row] of rows.entries()) {
    const fault = findFault(row, meaning);
    if (fault !== undefined) {
      refusals.push({ row: index + 1, ...fault });
      continue;
    }
    const email = row[emailColumn]?.trim().toLowerCase() ?? '';
    if (email === '') continue;
    if (seen.has(email)) repeated += 1;
    seen.add(email);
  }
  return { rows: rows.length, good: rows.length - refusals.length, refusals, repeated };
}

function findFault(row: readonly string[], { columns, mapping, types = {} }: ImportMapping): Omit<RowRefusal, 'row'> | undefined {
  if (row.length !== columns.length)
    return { code: 'cell_count', message: `The row has ${String(row.length)} cells, the head of the table has ${String(columns.length)}.` };
  let hasIdentity = false;
  for (const [index, column] of columns.entries()) {
    const to = mapping[column];
    const cell = row[index]?.trim() ?? '';
    if (to === undefined || cell === '') continue;
    const fault = findCellFault(cell, to, types[column] ?? 'text');
    if (fault !== undefined) return { column, ...fault };
    hasIdentity ||= IDENTITIES.has(to);
  }
  return hasIdentity ? undefined : { code: 'no_identity', message: 'The row has no user id, e-mail address or phone number.' };
}

function findCellFault(cell: string, to: string, type: CellType): Omit<RowRefusal, 'row' | 'column'> | undefined {
  if (to === 'email' && !EMAIL.test(cell)) return { code: 'invalid_email', message: `“${shorten(cell)}” is no e-mail address.` };
  if (to === 'phone' && cell.replaceAll(/\D/g, '').length < 5)
    return { code: 'invalid_phone', message: `“${shorten(cell)}” is no phone number.` };
  if (to === 'timestamp' && Number.isNaN(Date.parse(cell)))
    return { code: 'invalid_time', message: `“${shorten(cell)}” is no time. Write it as 2026-03-29T14:00:00Z.` };
  if (type === 'number' && !/^[-+]?\d+(\.\d+)?$/.test(cell))
    return { code: 'invalid_number', message: `“${shorten(cell)}” is no number with a point for decimals.` };
  if (type === 'boolean' && !TRUTHS.has(cell.toLowerCase()))
    return { code: 'invalid_boolean', message: `“${shorten(cell)}” is neither yes nor no.` };
  return undefined;
}

function shorten(cell: string): string {
  return cell.length > 40 ? `${cell.slice(0, 39)}…` : cell;
}
