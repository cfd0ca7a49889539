import type { CheckedRegistry, RegistryFault } from '@tendril/registry';

/** Faults of a folder of submissions as lines of text, each followed by how it is mended. */
export function registryFaultLines(faults: readonly RegistryFault[]): readonly string[] {
  return faults.flatMap(({ file, pointer, message, remedy }) => {
    const line = `${file}${pointer === '' ? '' : ` ${pointer}`}: ${message}.`;
    return remedy === undefined ? [line] : [line, `  ${remedy}.`];
  });
}

/** What a check came to, in one sentence. */
export function checkSummary({ entries, faults }: Pick<CheckedRegistry, 'entries' | 'faults'>): string {
  return `${countOf(entries.size, 'plugin')}, ${faults.length === 0 ? 'no faults' : countOf(faults.length, 'fault')}.`;
}

/** A number with its noun: `1 plugin`, `2 plugins`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
