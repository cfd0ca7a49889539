import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something wrong in a plugin's folder: a fault keeps a hub from taking it, a warning does not. */
export interface AuthorFault {
  readonly severity: 'fault' | 'warning';
  /** Path in the plugin's folder. */
  readonly file: string;
  /** From 1; missing when it is about the whole file, or about a file that is not there. */
  readonly line?: number;
  readonly column?: number;
  /** Into the manifest, for what the manifest says; empty for all of it. */
  readonly pointer?: string;
  /** What is wrong. */
  readonly message: string;
  /** The nearest name or value that would do. */
  readonly suggestion?: string;
  /** How to mend it, where the message does not say. */
  readonly remedy?: string;
}

/** Faults and what they are in, as lines of text: place, pointer, what is wrong, how to mend it, and the line itself. */
export function faultLines(folder: string, faults: readonly AuthorFault[]): readonly string[] {
  const sources = new Map<string, readonly string[]>();
  const lineOf = ({ file, line }: AuthorFault): string | undefined => {
    if (line === undefined) return undefined;
    const known = sources.get(file) ?? readLines(join(folder, file));
    sources.set(file, known);
    return known[line - 1];
  };
  return faults.flatMap((fault) => textOf(fault, lineOf(fault)));
}

/** How many faults and warnings there are, in words. */
export function countFaults(faults: readonly AuthorFault[]): string {
  const count = (severity: AuthorFault['severity']): number => faults.filter((fault) => fault.severity === severity).length;
  const words = (number: number, name: string): string => `${number} ${name}${number === 1 ? '' : 's'}`;
  return `${words(count('fault'), 'fault')}, ${words(count('warning'), 'warning')}`;
}

/** Faults first, then by file and place. */
export function inReadingOrder(faults: readonly AuthorFault[]): readonly AuthorFault[] {
  const rank = (fault: AuthorFault): number => (fault.severity === 'fault' ? 0 : 1);
  return faults.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0),
  );
}

function textOf(fault: AuthorFault, source: string | undefined): readonly string[] {
  const { severity, file, line, column, pointer, message, suggestion, remedy } = fault;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const about = pointer === undefined || pointer === '' ? '' : `${pointer} `;
  const meant = suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`;
  const advice = remedy === undefined ? '' : ` ${remedy}`;
  const text = `${place}  ${severity === 'warning' ? 'warning: ' : ''}${about}${message}${/[.?!]$/.test(message) ? '' : '.'}${meant}${advice}`;
  if (source === undefined || source.trim() === '' || source.length > 300) return [text];
  // Tabs stay tabs, so that the mark stands below what it marks.
  const indent = source.slice(0, Math.max(0, (column ?? 1) - 1)).replaceAll(/[^\t]/g, ' ');
  return [text, `    ${source}`, `    ${indent}^`];
}

function readLines(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split(/\r?\n/) : [];
}
