import { CommandFault, EXIT } from '../failure.ts';

/** What columns mean, as it is sent. */
export interface Meaning {
  readonly mapping: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, string>>;
}

const TYPES = new Set(['text', 'number', 'boolean']);

/**
 * Puts what was typed over what was suggested: `column=trait`, `column=trait:number`, `column=` for a column to leave out.
 *
 * @throws CommandFault for a column that there is not
 */
export function applyMappingFlags(suggested: Meaning, typed: readonly string[], columns: readonly string[]): Meaning {
  const mapping = new Map(Object.entries(suggested.mapping));
  const types = new Map(Object.entries(suggested.types));
  for (const text of typed) {
    const { column, to, type } = readFlag(text, columns);
    // A trait is what one column says: what was suggested for another gives way.
    for (const [other, target] of mapping) if (target === to) mapping.delete(other);
    types.delete(column);
    if (to === '') mapping.delete(column);
    else mapping.set(column, to);
    if (type !== undefined && type !== 'text') types.set(column, type);
  }
  return { mapping: Object.fromEntries(mapping), types: Object.fromEntries([...types].filter(([column]) => mapping.has(column))) };
}

function readFlag(text: string, columns: readonly string[]): { readonly column: string; readonly to: string; readonly type?: string } {
  // Names of columns may hold an equals sign themselves.
  const column = columns.filter((name) => text.startsWith(`${name}=`)).toSorted((a, b) => b.length - a.length)[0];
  if (column === undefined)
    throw new CommandFault(
      `--map ${text}: no column of this name; there are ${columns.map((name) => `\`${name}\``).join(', ')}.`,
      EXIT.commandLine,
    );
  const target = text.slice(column.length + 1).trim();
  const colon = target.lastIndexOf(':');
  const type = colon < 0 ? undefined : target.slice(colon + 1);
  if (type === undefined) return { column, to: target };
  if (!TYPES.has(type)) throw new CommandFault(`--map ${text}: a column is text, number or boolean, not ${type}.`, EXIT.commandLine);
  return { column, to: target.slice(0, colon), type };
}
