/** An import, as `leads.import` gives it. */
export interface ShownImport {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly fileName?: string;
  readonly columns: readonly string[];
  readonly createdAt: string;
  readonly finishedAt?: string;
  readonly nextRow: number;
  readonly rows: { readonly seen: number; readonly accepted: number; readonly refused: number };
  readonly duplicates: { readonly inFile: number; readonly known: number };
  readonly people: { readonly new: number; readonly known: number };
  readonly refusals: Readonly<Record<string, number>>;
  readonly refusalsKept: number;
}

/** What came of an import, in lines. */
export function importLines({ rows, people, duplicates, refusals }: ShownImport): readonly string[] {
  const reasons = Object.entries(refusals).map(([code, count]) => `${code.replaceAll('_', ' ')} ${figure(count)}`);
  return [
    `${figure(rows.accepted)} of ${counted(rows.seen, 'row')} taken in. New leads: ${figure(people.new)}; leads before: ${figure(people.known)}.`,
    ...(duplicates.inFile === 0 ? [] : [`About somebody further up in the file: ${counted(duplicates.inFile, 'row')}.`]),
    ...(rows.refused === 0 ? [] : [`${counted(rows.refused, 'row')} refused: ${reasons.join(', ')}.`]),
  ];
}

function counted(value: number, noun: string): string {
  return `${figure(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function figure(value: number): string {
  return value.toLocaleString('en');
}
