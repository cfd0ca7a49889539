// Installs what the lock file names, once; says what it does.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { root } from './project-node.mjs';

const isWindows = process.platform === 'win32';

/** Installs the dependencies unless they are there already and as new as the lock file. `report` gets a line before. */
export function installDependencies(report) {
  const marker = `${root}node_modules/.package-lock.json`;
  const isFresh =
    existsSync(marker) &&
    existsSync(`${root}node_modules/node/bin`) &&
    statSync(marker).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs - 1000;
  if (isFresh) return;
  report('Installing dependencies (once; about a minute) …');
  // Standard output may carry the one JSON line of `--json`: npm's own goes to standard error.
  const done = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: isWindows,
  });
  if (done.status !== 0) throw new Error('`npm ci` failed; its own words are above.');
}
