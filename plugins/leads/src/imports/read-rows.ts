import type { Json } from '@tendril/plugin-api';
import type { ImportsRow } from '../gen/manifest.gen.ts';
import { isRefused } from '../intake/intake.ts';
import type { Identified, Intake } from '../intake/intake.ts';

/** Why a row is refused. */
export type RefusalCode = keyof typeof REFUSALS;

/** A refused row, without its number. */
export interface RowRefusal {
  readonly code: RefusalCode;
  readonly column?: string;
}

/** A row that was understood. */
export type ReadRow = Identified;

/** Reads one row. */
export type ReadCells = (cells: readonly string[]) => ReadRow | RowRefusal;

/** The reasons in words. */
export const REFUSALS = {
  cell_count: 'It has another number of cells than the file has columns.',
  no_identity: 'It has no user id, e-mail address or phone number.',
  invalid_email: 'This is no e-mail address.',
  invalid_phone: 'This is no phone number, or it lacks the country and no default country is set.',
  invalid_time: 'This is no time of ISO 8601, such as 2026-01-05 or 2026-01-05T10:22Z.',
  invalid_number: 'This is no number.',
  invalid_boolean: 'This is neither yes nor no.',
  too_long: 'A cell is too long.',
  not_an_event: 'It cannot be an event; it is too large or does not match the schema of its name.',
} as const;

const TRUE = new Set(['true', 'yes', 'y', '1', 'x', 'on', 'ja', 'oui', 'si', 'sí', 'wahr']);
const FALSE = new Set(['false', 'no', 'n', '0', 'off', 'nein', 'non', 'falsch']);
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?(?:e[+-]?\d{1,3})?$/i;

type Target = (cell: string, into: Draft) => RefusalCode | undefined;

interface Draft {
  userId?: string;
  anonymousId?: string;
  timestamp?: string;
  readonly traits: Record<string, Json>;
  consent?: Record<string, boolean>;
}

/** Tells a refusal from a row. */
export function isRowRefusal(row: ReadRow | RowRefusal): row is RowRefusal {
  return 'code' in row;
}

/** Prepares the columns once for all rows. */
export function createRowReader(
  { columns, mapping, types = {}, consent }: Pick<ImportsRow, 'columns' | 'mapping' | 'types' | 'consent'>,
  intake: Intake,
): ReadCells {
  const targets = columns.flatMap((column, place): { readonly column: string; readonly place: number; readonly set: Target }[] => {
    const to = Object.hasOwn(mapping, column) ? mapping[column] : undefined;
    const type = Object.hasOwn(types, column) ? types[column] : undefined;
    return [
      ...(to === undefined ? [] : [{ column, place, set: targetOf(to, type) }]),
      ...(consent?.column === column ? [{ column, place, set: consentTarget(consent) }] : []),
    ];
  });
  const columnsByMember = new Map(Object.entries(mapping).map(([column, to]) => [to, column]));
  return (cells) => {
    if (cells.length !== columns.length) return { code: 'cell_count' };
    const draft: Draft = { traits: {} };
    for (const { column, place, set } of targets) {
      const cell = cells[place]?.trim() ?? '';
      if (cell === '') continue;
      const code = set(cell, draft);
      if (code !== undefined) return { code, column };
    }
    const read = intake(draft);
    if (!isRefused(read)) return read;
    const column = read.member === undefined ? undefined : columnsByMember.get(read.member);
    return { code: read.code, ...(column === undefined ? {} : { column }) };
  };
}

function targetOf(to: string, type: 'text' | 'number' | 'boolean' | undefined): Target {
  if (to === 'userId' || to === 'anonymousId' || to === 'timestamp') {
    return (cell, draft) => {
      draft[to] = cell;
      return undefined;
    };
  }
  return (cell, { traits }) => {
    const value = valueOf(cell, type);
    if (value === undefined) return type === 'number' ? 'invalid_number' : 'invalid_boolean';
    traits[to] = value;
    return undefined;
  };
}

function valueOf(cell: string, type: 'text' | 'number' | 'boolean' | undefined): string | number | boolean | undefined {
  if (type === 'number') return NUMBER.test(cell) ? Number(cell) : undefined;
  if (type !== 'boolean') return cell;
  const word = cell.toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}

/** Only the words that were told mean anything; whoever is both is a refusal. */
function consentTarget({ optIn, optOut, purposes = ['marketing'] }: NonNullable<ImportsRow['consent']>): Target {
  const yes = new Set(optIn?.map((word) => word.trim().toLowerCase()));
  const no = new Set(optOut?.map((word) => word.trim().toLowerCase()));
  return (cell, draft) => {
    const word = cell.toLowerCase();
    if (!no.has(word) && !yes.has(word)) return undefined;
    draft.consent = Object.fromEntries(purposes.map((purpose) => [purpose, !no.has(word)]));
    return undefined;
  };
}
