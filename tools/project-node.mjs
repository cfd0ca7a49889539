// The project brings its own Node, as the devDependency `node`; the machine's own only has to be 20 or newer.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Path of the Node that runs sources: the project's own, or the running one when that is new enough. */
export function projectNode() {
  const own = `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error('The project’s own Node is missing: run `npm ci` first.');
}
