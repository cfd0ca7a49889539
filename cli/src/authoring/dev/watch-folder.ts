import { watch } from 'node:fs';
import { sep } from 'node:path';

// What tools write, what is built, and what editors leave beside the files that they save.
const IGNORED =
  /(?:^|\/)(?:node_modules|dist|coverage|\.git|\.tendril|\.idea|\.vscode)(?:\/|$)|^src\/gen\/|\.tgz$|~$|\.sw[a-z]$|(?:^|\/)[.#][^/]*#?$/;
const QUIET_MS = 120;

/**
 * Tells of changes below a folder, once for all that come together.
 *
 * @param onChange gets the paths that changed
 * @param quietMs how long nothing may change before it is called
 * @throws the file system's error
 */
export function watchFolder(folder: string, signal: AbortSignal, onChange: (paths: readonly string[]) => void, quietMs = QUIET_MS): void {
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    const paths = [...changed].sort();
    changed.clear();
    onChange(paths);
  };
  const watcher = watch(folder, { recursive: true, signal, ignore: ignoreEntry }, (_event, name) => {
    const path = name?.split(sep).join('/');
    if (path === undefined || isIgnored(path)) return;
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(flush, quietMs);
  });
  signal.addEventListener('abort', () => clearTimeout(timer));
  // The folder may go away while it is watched; what is built of it then says so.
  watcher.on('error', () => undefined);
}

/** Folders that are not looked into, such as thousands below node_modules; a Node that does not know the option looks into all. */
function ignoreEntry(path: string): boolean {
  return isIgnored(path.split(sep).join('/'));
}

/** Whether a change of the file means nothing to the plugin. */
export function isIgnored(path: string): boolean {
  return IGNORED.test(path);
}
