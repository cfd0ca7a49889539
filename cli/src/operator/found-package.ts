import type { PackageSource } from '@tendril/schemas';
import type { PluginPackage } from '@tendril/registry';

/** Whether its publisher's signature or attestation was there, and held. */
export type Provenance = 'verified' | 'none' | 'failed';

/** A package as an install takes it: read, checked, and written nowhere yet. */
export interface FoundPackage {
  readonly content: PluginPackage;
  readonly source: PackageSource;
  /** Of the tarball; missing for a folder that is linked. */
  readonly integrity?: string;
  readonly provenance: Provenance;
  /** What the operator should know beside it. */
  readonly notes: readonly string[];
}

/** What somebody typed, told apart. */
export type PackageAddress =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'tarball'; readonly path: string }
  | { readonly kind: 'npm'; readonly package: string; readonly range?: string }
  | { readonly kind: 'registry'; readonly id: string; readonly range?: string };
