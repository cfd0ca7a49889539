import type { CsvShape } from '../../csv/csv-file.ts';
import type { Import } from '../../api/customers/imports.ts';

/** What this browser knows of the file of an import, beyond what the hub keeps. */
export interface RememberedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly fingerprint: string;
}

const PREFIX = 'tendril.import.';

/** Keeps which file an import is of, so that a reload goes on with the same one. */
export function rememberFile(id: string, file: RememberedFile): void {
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify(file));
  } catch {
    // Without storage name, size and columns still have to be the same.
  }
}

/** The file of an import, where this browser began it. */
export function recallFile(id: string): RememberedFile | undefined {
  try {
    const text = localStorage.getItem(PREFIX + id);
    return text === null ? undefined : (JSON.parse(text) as RememberedFile);
  } catch {
    return undefined;
  }
}

/** Forgets the file of an import that has ended. */
export function forgetFile(id: string): void {
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    // Nothing was kept.
  }
}

/** Why a file cannot be the one that an import was begun with; nothing when it may be. */
export function whyNotTheSame(
  of: Pick<Import, 'fileName' | 'sizeBytes' | 'columns'>,
  file: Pick<File, 'name' | 'size'>,
  shape: Pick<CsvShape, 'columns' | 'fingerprint'>,
  remembered: RememberedFile | undefined,
): string | undefined {
  if (of.sizeBytes !== undefined && of.sizeBytes !== file.size)
    return `This file has ${String(file.size)} bytes, the one that was begun has ${String(of.sizeBytes)}.`;
  if (of.columns.length !== shape.columns.length || of.columns.some((column, index) => column !== shape.columns[index]))
    return `This file has other columns: ${shape.columns.slice(0, 6).join(', ')}.`;
  if (remembered !== undefined && remembered.fingerprint !== shape.fingerprint)
    return 'This file has the same size and columns, but not the same content.';
  return undefined;
}
