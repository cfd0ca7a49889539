// What a hub needs at its start, without what installs.
export { entryModule } from './packages/entry-module.ts';
export { folderHash } from './packages/files-hash.ts';
export { LOCK_NAME, readLock } from './packages/lock-file.ts';
export { folderOf, verifyInstalled } from './packages/verify-installed.ts';
export type { InstalledFault } from './packages/verify-installed.ts';
