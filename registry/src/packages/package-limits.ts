/** How much a package may hold. */
export interface PackageLimits {
  /** Of the file as it is downloaded. */
  readonly compressedBytes: number;
  /** Of everything in it together. */
  readonly unpackedBytes: number;
  /** Of one file in it. */
  readonly fileBytes: number;
  readonly files: number;
  /** Length of a path, in bytes. */
  readonly pathBytes: number;
  /** Folders in one another, the file itself counted. */
  readonly depth: number;
}

/** What no sound plugin comes near. */
export const PACKAGE_LIMITS: PackageLimits = {
  compressedBytes: 20_000_000,
  unpackedBytes: 100_000_000,
  fileBytes: 20_000_000,
  files: 2_000,
  pathBytes: 255,
  depth: 20,
};
