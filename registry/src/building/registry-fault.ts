/** Something that a folder of submissions must not hold. */
export interface RegistryFault {
  /** Path from the folder on. */
  readonly file: string;
  /** JSON pointer into the file; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
  /** How to mend it. */
  readonly remedy?: string;
}

/** Gathers what is wrong with one file. */
export type Report = (pointer: string, message: string, remedy?: string) => void;

/** A report that adds to a list. */
export function reportTo(faults: RegistryFault[], file: string): Report {
  return (pointer, message, remedy) => faults.push({ file, pointer, message, ...(remedy === undefined ? {} : { remedy }) });
}
