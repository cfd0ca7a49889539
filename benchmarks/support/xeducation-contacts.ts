import { readFileSync } from 'node:fs';
import type { Contact } from './leads-tenant.ts';

/** Entered or computed by sales after the contact: they tell the outcome. */
const LEAKING = [/^Tags$/, /^Lead Quality$/, /^Lead Profile$/, /^Last Notable Activity$/, /^Asymmetrique/];
const NO_FACTS = new Set(['Prospect ID', 'Lead Number', 'Converted', '']);
const NUMBERS = new Set(['TotalVisits', 'Total Time Spent on Website', 'Page Views Per Visit']);

/** The contacts of the X Education set, in its order, and the settings that name what may be known of them. */
export function readXEducation(path: string): { readonly contacts: readonly Contact[]; readonly settings: object } {
  const [header = [], ...rows] = parseCsv(readFileSync(path, 'utf8'));
  const columns = header.filter((column) => !NO_FACTS.has(column) && !LEAKING.some((pattern) => pattern.test(column)));
  const features = columns.map((key) => ({ from: 'trait', key, kind: NUMBERS.has(key) ? 'number' : 'category' }));
  const contacts = rows.map((cells, index) => {
    const row = new Map(header.map((column, place) => [column, cells[place] ?? '']));
    const traits = Object.fromEntries(
      columns.flatMap((column) => {
        const value = row.get(column) ?? '';
        // What was never chosen in a list says `Select`.
        return value === '' || value === 'Select' ? [] : [[column, NUMBERS.has(column) ? Number(value) : value]];
      }),
    );
    return { id: `lead-${index}`, at: index, traits, properties: {}, isPositive: row.get('Converted') === '1' };
  });
  return { contacts, settings: { contactEvent: 'Contacted', outcome: { event: 'Answered', property: 'converted' }, features } };
}

function parseCsv(text: string): readonly (readonly string[])[] {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? ''),
    );
}
