/** Bounds of one download. */
export interface ReadLimits {
  readonly mostBytes: number;
  /** For the whole file, in milliseconds. */
  readonly timeoutMs: number;
}

/** The files of a registry, wherever they lie. */
export interface RegistryFiles {
  /**
   * Reads a file.
   *
   * @param path from the registry's address on, with `/`
   * @returns `undefined` when there is none
   * @throws TendrilError REGISTRY_UNREACHABLE when nobody answers in time
   * @throws TendrilError REGISTRY_INVALID when it is larger than the limit
   */
  read(path: string, limits: ReadLimits): Promise<Buffer | undefined>;
}
