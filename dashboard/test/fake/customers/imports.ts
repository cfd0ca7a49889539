import type { Import, RowRefusal } from '../../../src/api/customers/imports.ts';
import type { JsonObject } from '../../../src/api/types.ts';
import { Refusal, pageOf } from './answer.ts';
import type { FakeActions, Input } from './answer.ts';

interface Kept {
  import: Import;
  readonly rows: Set<number>;
  readonly refusals: RowRefusal[];
}

/** Imports of a made-up tenant: rows count once, addresses without an at sign are refused. */
export function makeImports({ isEmpty }: { readonly isEmpty: boolean }): FakeActions {
  const kept = new Map<string, Kept>();
  if (!isEmpty)
    keep(kept, {
      name: 'Fair in Hanover',
      fileName: 'fair.csv',
      sizeBytes: 48_210,
      columns: ['E-Mail', 'Company'],
      mapping: { 'E-Mail': 'email', Company: 'company' },
    });
  const find = (id: unknown): Kept => {
    const found = kept.get(String(id));
    if (found === undefined) throw new Refusal(404, 'IMPORT_UNKNOWN', 'There is no such import.');
    return found;
  };
  return {
    'leads.imports': (input) => pageOf([...kept.values()].map((each) => each.import).toReversed(), input),
    'leads.import': ({ id }) => find(id).import,
    'leads.suggest_mapping': ({ columns }) => suggest(columns as readonly string[]),
    'leads.create_import': (input) => keep(kept, input).import,
    'leads.import_rows': (input) => takeRows(find(input['import']), input),
    'leads.finish_import': (input) => end(find(input['import']), 'finished'),
    'leads.cancel_import': (input) => end(find(input['import']), 'cancelled'),
    'leads.import_refusals': (input) => {
      const { refusals } = find(input['import']);
      const csv = [
        'row,column,code,message',
        ...refusals.map((each) => `${String(each.row)},${each.column ?? ''},${each.code},${each.message}`),
      ];
      return { ...pageOf(refusals, input), ...(input['format'] === 'csv' ? { csv: `${csv.join('\n')}\n` } : {}) };
    },
  };
}

function keep(kept: Map<string, Kept>, input: Input): Kept {
  const id = `i${String(kept.size + 1).padStart(16, '0')}`;
  const made: Kept = {
    import: {
      isImported: true,
      ...(input as JsonObject & Pick<Import, 'name' | 'columns' | 'mapping'>),
      id,
      state: 'open',
      createdAt: new Date(Date.now() - 60_000).toISOString(),
      rows: { seen: 0, accepted: 0, refused: 0 },
      duplicates: { inFile: 0, known: 0 },
      people: { new: 0, known: 0 },
      nextRow: 1,
      refusals: {},
      refusalsKept: 0,
    },
    rows: new Set(),
    refusals: [],
  };
  kept.set(id, made);
  return made;
}

function takeRows(of: Kept, input: Input): object {
  const first = Number(input['first']);
  const rows = input['rows'] as readonly (readonly string[])[];
  const column = of.import.columns.findIndex((name) => of.import.mapping[name] === 'email');
  let [refused, repeated] = [0, 0];
  for (const [index, row] of rows.entries()) {
    const number = first + index;
    if (of.rows.has(number)) {
      repeated += 1;
      continue;
    }
    of.rows.add(number);
    if ((row[column] ?? '').includes('@')) continue;
    refused += 1;
    of.refusals.push({
      row: number,
      column: of.import.columns[column] ?? '',
      code: 'invalid_email',
      message: 'This is no e-mail address.',
    });
  }
  const seen = of.rows.size;
  const counts = { seen, accepted: seen - of.refusals.length, refused: of.refusals.length };
  of.import = {
    ...of.import,
    rows: counts,
    people: { new: counts.accepted, known: 0 },
    nextRow: seen + 1,
    refusals: of.refusals.length === 0 ? {} : { invalid_email: of.refusals.length },
    refusalsKept: of.refusals.length,
  };
  return { first, rows: rows.length, accepted: rows.length - refused, refused, repeated, refusals: [] };
}

function end(of: Kept, state: Import['state']): Import {
  of.import = { ...of.import, state, finishedAt: new Date().toISOString() };
  return of.import;
}

function suggest(columns: readonly string[]): object {
  const items = columns.map((column) => {
    const isMail = /mail/i.test(column);
    const isConsent = /newsletter/i.test(column);
    return {
      column,
      ...(isMail ? { to: 'email' } : isConsent ? {} : { to: column.toLowerCase() }),
      type: 'text',
      confidence: isMail ? 0.98 : 0.6,
      reason: isMail ? 'All cells are e-mail addresses.' : isConsent ? 'Cells say yes or no.' : 'After its name.',
    };
  });
  const consent = columns.find((column) => /newsletter/i.test(column));
  return {
    items,
    mapping: Object.fromEntries(items.flatMap(({ column, to }) => (to === undefined ? [] : [[column, to]]))),
    types: {},
    ...(consent === undefined ? {} : { consent: { column: consent, optIn: ['yes'], optOut: ['no'] } }),
  };
}
