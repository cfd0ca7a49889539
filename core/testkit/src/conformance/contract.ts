import type { PluginSource } from '@tendril/engine';

/** How the plugin is run while it is checked: in this process, or in one of its own. */
export type RunsIn = 'process' | 'child';

/** Something that is not as it has to be, where, and what mends it. */
export interface Finding {
  /** Path inside the package. */
  readonly file?: string;
  /** JSON pointer into the file. */
  readonly pointer?: string;
  readonly message: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** What one check came to. */
export interface CheckResult {
  /** `manifest`, `recordings/create_contact/happy`, `faults/create_contact/happy/throttled`: the same in every run. */
  readonly id: string;
  /** A sentence that is true when it passed. */
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string;
  /** Of one that failed, at least one. */
  readonly findings: readonly Finding[];
  /** What should be better and fails nothing. */
  readonly warnings: readonly Finding[];
  readonly tookMs: number;
}

/** What a plugin is checked with. */
export interface ConformanceOptions {
  /** Absolute path of the package, with plugin.json and package.json. */
  readonly folder: string;
  /** `process` unless told. */
  readonly isolation?: RunsIn;
  /** The version that was published before: the absolute path of its folder, or its package as somebody has read it. */
  readonly previous?: string | PluginSource;
  /** Only checks whose id holds this text; `*` stands for anything. */
  readonly only?: string;
  /** The package as the hub gets it, for whoever packs it first; its folder as it is without it. */
  readonly source?: PluginSource;
  /** Plugins that this one requires. */
  readonly beside?: readonly PluginSource[];
  /** Types as the manifest generates them, to be compared with what is in the package; not compared without it. */
  readonly generateTypes?: (folder: string) => Promise<{ readonly path: string; readonly text: string }>;
}

/** One check before it has run. */
export interface Check {
  readonly id: string;
  readonly title: string;
  run(): Promise<Outcome>;
}

/** What a check says; nothing found is a pass. */
export type Outcome =
  | { readonly findings: readonly Finding[]; readonly warnings?: readonly Finding[] }
  /** It does not apply, and why. */
  | { readonly skipped: string };
