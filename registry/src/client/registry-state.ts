import type { RegistryRoot } from '@tendril/schemas';

/**
 * What is remembered of a registry between two programs: a plain object, to be kept where only the operator writes. Whoever can
 * change it can make an old index look new.
 */
export interface RegistryState {
  /** The newest root that was trusted. */
  readonly root: RegistryRoot;
  /** Of the index seen last; missing before the first. */
  readonly index?: SeenIndex;
}

/** What is remembered of an index. */
export interface SeenIndex {
  readonly sequence: number;
  /** SHA-256 of the canonical JSON of what was signed, hexadecimal. */
  readonly contentHash: string;
  /** SHA-256 of the file's bytes, hexadecimal: a copy of them is the one that was verified. */
  readonly fileHash: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** When it was fetched last, epoch milliseconds. */
  readonly refreshedAt: number;
}
