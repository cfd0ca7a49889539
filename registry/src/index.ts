export {
  entryModule,
  examinePackage,
  filesHash,
  folderHash,
  folderOf,
  grantProblems,
  installedFolder,
  integrityOf,
  LOCK_NAME,
  lockText,
  manifestHash,
  PACKAGE_LIMITS,
  parseLock,
  readFolder,
  readLock,
  readTarball,
  removeInstalled,
  removeUnnamed,
  toPrevious,
  unpackPlugin,
  verifyInstalled,
  withPlugin,
  writeLock,
  writeTarball,
} from './packages/index.ts';
export type { InstalledFault, PackageFiles, PackageLimits, PluginPackage, Tarball } from './packages/index.ts';
export { addVersion } from './building/add-version.ts';
export type { Submission } from './building/add-version.ts';
export { buildIndex, sequenceOf, writeRegistry } from './building/build-registry.ts';
export type { IndexPlan } from './building/build-registry.ts';
export { tarballName } from './building/check-entry.ts';
export { checkRegistry } from './building/check-registry.ts';
export type { CheckedRegistry, CheckOptions } from './building/check-registry.ts';
export { readPackageFacts } from './building/package-facts.ts';
export type { PackageFacts } from './building/package-facts.ts';
export { openPublishedFolder, openRegistryFolder } from './building/registry-folder.ts';
export type { RegistryFault } from './building/registry-fault.ts';
export type { RegistryFolder } from './building/registry-folder.ts';
export { fetchFirstRoot, offerRoot } from './client/first-root.ts';
export type { OfferedRoot } from './client/first-root.ts';
export { readRoot } from './client/read-signed.ts';
export { createRegistryClient } from './client/registry-client.ts';
export type { Refreshed, RegistryClient, RegistryClientOptions } from './client/registry-client.ts';
export type { ReadLimits } from './client/registry-files.ts';
export type { RegistryState, SeenIndex } from './client/registry-state.ts';
export { resolveAcross } from './client/resolve-across.ts';
export type { AcrossOptions, ResolvedAcross } from './client/resolve-across.ts';
export { findRevocation } from './client/resolve-version.ts';
export type { ResolvedVersion } from './client/resolve-version.ts';
export type { Fetch } from './client/web-files.ts';
export { addedPermissions } from './permissions/permission-lines.ts';
export { searchPlugins } from './search/search-plugins.ts';
export type { SearchOptions, SearchResult } from './search/search-plugins.ts';
export { searchRows } from './search/search-rows.ts';
export type { SearchRow } from './search/search-rows.ts';
export { canonicalBytes } from './signing/canonical-json.ts';
export { createSigningKey, keyIdOf, readSigningKey } from './signing/keys.ts';
export type { SigningKey } from './signing/keys.ts';
export { addRootSignature, createRoot, rootFingerprint, rootProblem, rotateRoot } from './signing/root.ts';
export type { RoleKeys, RootPlan } from './signing/root.ts';
export { isVersionSignedBy, signVersion } from './signing/statements.ts';
