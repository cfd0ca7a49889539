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
    `${figure(rows.accepted)} of ${figure(rows.seen)} rows taken in: ${figure(people.new)} new people, ${figure(people.known)} that were a lead already.`,
    ...(duplicates.inFile === 0 ? [] : [`${figure(duplicates.inFile)} rows were about somebody further up in the file.`]),
    ...(rows.refused === 0 ? [] : [`${figure(rows.refused)} rows refused: ${reasons.join(', ')}.`]),
  ];
}

function figure(value: number): string {
  return value.toLocaleString('en');
}
